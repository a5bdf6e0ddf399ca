// UTF-8 and Unicode folding, by utf8proc.
#pragma once

#include <string>
#include <string_view>

namespace postfach::base {

bool is_utf8(std::string_view text) noexcept;
// The text with U+FFFD for each maximal part that is not UTF-8 (Unicode §3.9, as browsers do it).
std::string replace_invalid_utf8(std::string_view text);
// NFC; the text itself where it is not UTF-8.
std::string normalize(std::string_view text);
// For comparison without regard to case and compatibility forms (i;unicode-casemap in effect: NFKD-like with
// case folding). Invalid octets are kept as they are.
std::string fold(std::string_view text);

}  // namespace postfach::base
