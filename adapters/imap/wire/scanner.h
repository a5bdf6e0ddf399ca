// A bounds-checked cursor over one complete command (RFC 9051 §9).
//
// Every function returns whether it succeeded and then stands behind what it read. The first failure leaves a
// short sentence for the client in error() and makes every later call fail too, so parsers are chains of &&:
//
//     return in.sp() && in.sequence_set(copy.messages) && in.sp() && in.mailbox(copy.mailbox) && in.end();
//
// at, skip, word and prefix look without failing. Nothing throws but for want of memory; no recursion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "number_set.h"
#include "postfach/types.h"

namespace postfach::imap {

bool is_atom_char(char c) noexcept;     // ATOM-CHAR
bool is_astring_char(char c) noexcept;  // ASTRING-CHAR
bool is_tag_char(char c) noexcept;      // of tag
bool is_atom(std::string_view text) noexcept;

// flag-list as a client sends it.
struct FlagList {
  Flags flags = {};
  std::vector<std::string> keywords = {};  // as written; distinct without regard to case
  bool operator==(const FlagList&) const = default;
};

class Scanner {
 public:
  // text must outlive the scanner. utf8: quoted strings and mailbox names are UTF-8 (RFC 6855 §3), for a client that
  // enabled it; else quoted strings may hold any octets, and mailbox names are in modified UTF-7.
  explicit Scanner(std::string_view text, bool utf8 = false) noexcept : text_(text), utf8_(utf8) {}
  // For a client that is not offered SEARCHRES: "$" is no sequence-set.
  void forbid_saved_result() noexcept { may_be_saved_result_ = false; }

  // ---- state
  std::string_view rest() const noexcept { return text_.substr(position_); }
  std::size_t position() const noexcept { return position_; }
  bool utf8() const noexcept { return utf8_; }
  bool failed() const noexcept { return !error_.empty(); }
  // Fit for a client: a sentence without quotation of input. Empty: no failure.
  std::string_view error() const noexcept { return error_; }
  // Records the first failure; returns false. The text must be a literal or live as long.
  bool fail(std::string_view error) noexcept;

  // ---- looking without failing
  bool at_end() const noexcept { return position_ == text_.size(); }
  bool at(char c) const noexcept { return !failed() && !at_end() && text_[position_] == c; }
  bool skip(char c) noexcept;  // steps over c if it is there
  // Steps over a keyword in any case if it stands here as a whole: the next octet is no ATOM-CHAR.
  bool word(std::string_view keyword) noexcept;
  // The same without looking at the next octet: "BODY" in "BODY[", "+" in "+FLAGS".
  bool prefix(std::string_view keyword) noexcept;

  // ---- punctuation
  bool sp() noexcept;  // exactly one space
  bool expect(char c) noexcept;
  bool end() noexcept;  // nothing follows but spaces, which some clients leave there

  // ---- strings
  bool atom(std::string_view& out) noexcept;
  bool upper_atom(std::string& out, std::size_t most = 64);  // in capitals; for names that are compared
  bool astring(std::string& out);
  bool string(std::string& out);              // quoted or literal
  bool nstring(std::string& out, bool& nil);  // string or NIL
  bool charset(std::string& out);             // atom / quoted (RFC 9051), astring (RFC 3501)
  // base64 as written, or "=" for an empty one (RFC 4959 §3), up to the next space or the end.
  bool base64(std::string_view& out) noexcept;

  // ---- numbers
  bool number(std::uint32_t& out) noexcept;
  bool nz_number(std::uint32_t& out) noexcept;
  bool number64(std::uint64_t& out) noexcept;  // 0..2^63-1
  bool nz_number64(std::uint64_t& out) noexcept;
  bool sequence_set(NumberSet& out);  // "$" too

  // ---- mailboxes
  // In UTF-8; "INBOX" in capitals whatever the client wrote. Modified UTF-7 must be canonical (RFC 3501
  // §5.1.3).
  bool mailbox(std::string& out);
  // The same, but "inbox" stays as the client wrote it, for responses that repeat the name.
  bool mailbox_as_written(std::string& out);
  // list-mailbox: the same with wildcards. Nothing if the text is not the encoding of any name, which is no failure:
  // the pattern matches nothing (RFC 9051 §6.3.9).
  bool list_mailbox(std::optional<std::string>& out);

  // ---- flags
  // "(" flags ")". \Recent is accepted and ignored: clients copy it from FETCH answers. Other unknown system
  // flags fail.
  bool flag_list(FlagList& out);
  // flag *(SP flag), up to the end; RFC 9051 permits both in STORE.
  bool bare_flags(FlagList& out);
  bool keyword(std::string& out);  // flag-keyword

  // ---- dates
  bool date(std::int64_t& days);  // date: days since 1970-01-01
  bool date_time(DateTime& out);  // date-time, with its quotes

  // The announcement that ends the command's text, "{310}", "{310+}" or "~{310}", without its octets. A size that does
  // not fit is UINT64_MAX.
  bool literal_announcement(std::uint64_t& size) noexcept;

 private:
  bool quoted(std::string& out);
  bool literal(std::string& out);
  bool announcement(std::uint64_t& size, std::size_t& after) const noexcept;
  bool flag(FlagList& out);

  std::string_view text_;
  std::size_t position_ = 0;
  std::string_view error_;
  bool utf8_;
  bool may_be_saved_result_ = true;
};

}  // namespace postfach::imap
