// Base64 (RFC 4648 §4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postfach::base {

std::string base64_encode(std::string_view octets);
// Strict: the alphabet, correct padding and nothing else. For SASL.
std::optional<std::string> base64_decode(std::string_view text);
// Lenient: skips everything outside the alphabet and stops at the padding. For mail bodies (RFC 2045 §6.8).
std::string base64_decode_lenient(std::string_view text);

// The same for a text that comes in pieces, cut anywhere. A few octets of state, so that a copy is a place to go on from.
class Base64Decoder {
 public:
  // Appends to octets what is complete.
  void decode(std::string_view text, std::string& octets);
  // Behind the last piece: the octets of a group that was cut short.
  void finish(std::string& octets);

 private:
  std::uint32_t bits_ = 0;
  std::uint8_t digits_ = 0;  // of the group that bits_ holds, 0 to 3
  bool padded_ = false;      // what follows is no text any more
};

}  // namespace postfach::base
