// Quoted-printable (RFC 2045 §6.7) and its sibling of RFC 2047 §4.2.
#pragma once

#include <string>
#include <string_view>

namespace postfach::message {

// A body. Soft line breaks and white space at the end of lines go; a "=" that starts no escape stays.
std::string decode_quoted_printable(std::string_view text);

// The text of an encoded word in the "Q" encoding: "_" is a space.
std::string decode_q(std::string_view text);

}  // namespace postfach::message
