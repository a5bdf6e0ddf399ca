// Base64 (RFC 4648 §4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postfach::base {

std::string base64_encode(std::string_view octets);
// Strict: the alphabet, correct padding and nothing else. For SASL.
std::optional<std::string> base64_decode(std::string_view text);
// Lenient: skips everything outside the alphabet and stops at the padding. For mail bodies (RFC 2045 §6.8).
std::string base64_decode_lenient(std::string_view text);

}  // namespace postfach::base
