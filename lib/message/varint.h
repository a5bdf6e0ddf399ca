// LEB128: seven bits an octet, the lowest first, the high bit set on all but the last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postfach::message {

inline void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>(value | 0x80U));
  out.push_back(static_cast<char>(value));
}

inline std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7U) ++size;
  return size;
}

// Takes one off the front of text; nothing if it has no end or does not fit.
inline std::optional<std::uint64_t> take_varint(std::string_view& text) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < text.size() && i < 10; ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (i == 9 && octet > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(octet & 0x7FU) << (7 * i);
    if (octet < 0x80) {
      text.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace postfach::message
