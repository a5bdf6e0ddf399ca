// Strings as an IMAP response carries them. Whatever a message holds, what is written here can neither break the line
// structure of a response nor put a NUL into it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postfach::message {

// RFC 9051 §4.3: a quoted string if the text is ASCII without CR and LF, else a literal. RFC 3501 §4.3 knows no 8-bit
// octets in quoted strings. NUL can't be sent in either (RFC 9051 §9 CHAR8) and becomes U+FFFD.
void append_string(std::string& out, std::string_view text);

// NIL for nothing.
void append_nstring(std::string& out, const std::optional<std::string>& text);

}  // namespace postfach::message
