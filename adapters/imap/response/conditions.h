// Status responses: OK, NO, BAD, BYE and PREAUTH with their codes (RFC 9051 §7.1, RFC 5530).
#pragma once

#include <string>
#include <string_view>

#include "postfach/mailbox.h"
#include "postfach/result.h"

namespace postfach::imap {

enum class Condition : unsigned char { ok, no, bad, bye, preauth };

// `A1 NO [TRYCREATE] No such mailbox`. code is what stands between the brackets, empty for none; it comes
// from the functions below or is a constant, never client input. text is cleaned.
void append_tagged(std::string& out, std::string_view tag, Condition condition, std::string_view code,
                   std::string_view text);
// The same with "*", also for a command without a readable tag.
void append_untagged(std::string& out, Condition condition, std::string_view code, std::string_view text);
// "+ text". For SASL the text is base64 and goes out as it is.
void append_continuation(std::string& out, std::string_view text);

// Codes with arguments.
std::string code_number(std::string_view name, std::uint64_t number);  // "UIDNEXT 42"
std::string code_append_uid(const Appended& appended);                 // "APPENDUID 38505 3955" (RFC 4315 §3)
// "COPYUID 38505 304,319:320 3956:3958"; empty if nothing was copied.
std::string code_copy_uid(const Copied& copied);
std::string code_permanent_flags(Flags flags, const KeywordNames& names,
                                 bool more);  // more: "\*", new keywords may be made
// `BADURL "/INBOX/;UID=7"` (RFC 4469 §4.1): the URL as the client wrote it, with everything percent-encoded that must not
// stand in a response code.
std::string code_bad_url(std::string_view url);
std::string code_no_update(std::string_view tag);  // `NOUPDATE "B02"` (RFC 5267 §4.3.1)
std::string code_bad_charset();                    // "BADCHARSET (US-ASCII UTF-8 …)"
// `INPROGRESS ("A142" 175 1050)` (RFC 9585); a tag has no character that a quoted string has to escape.
std::string code_in_progress(std::string_view tag, std::uint64_t done, std::uint64_t goal);

// How an error of the store is told to a client.
struct Reply {
  Condition condition;
  std::string_view code;
  std::string_view text;
};
// The one place where an Errc becomes client words. Error::message stays with the operator. TRYCREATE instead
// of NONEXISTENT is for the caller to say, who knows whether a target was meant.
Reply reply_for(Errc code) noexcept;

}  // namespace postfach::imap
