// Response tokens, appended to a buffer (RFC 9051 §9).
//
// Invariant: whatever the text is, it can't leave its token. CR, LF, NUL and 8-bit octets never stand in an
// atom or a quoted string; text that holds them goes out as a literal, which counts its octets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "message/imap_string.h"
#include "postfach/types.h"

namespace postfach::imap {

// Quoted where it is safe, else a literal: the same form that ENVELOPE is stored in.
using message::append_nstring;
using message::append_string;
// An atom where it is safe, else a string. "NIL" is quoted.
void append_astring(std::string& out, std::string_view text);
// The announcement of a literal, "{312}\r\n"; exactly size octets must follow.
void append_literal_header(std::string& out, std::uint64_t size);

// A name of the store as the client reads it: modified UTF-7, or UTF-8 for a client that enabled it (RFC 6855
// §3).
void append_mailbox(std::string& out, std::string_view utf8_name, bool utf8 = false);

// "(\Seen $Junk)". Bits without a name, and names that are no atom, are left out.
void append_flags(std::string& out, Flags flags, KeywordMask keywords, const KeywordNames& names, bool recent = false);
// Without the parentheses; a space before each flag but the first.
void append_flag_names(std::string& out, Flags flags, KeywordMask keywords, const KeywordNames& names, bool recent);

void append_uid_set(std::string& out, const UidSet& set);  // "1:3,7"
void append_date_time(std::string& out, DateTime time);    // with quotes, as INTERNALDATE

// Human-readable text of a response: anything but printable ASCII becomes "?", and it never begins with "[".
void append_text(std::string& out, std::string_view text);

}  // namespace postfach::imap
