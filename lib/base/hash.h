// Numbers that stand for texts.
#pragma once

#include <cstdint>
#include <string_view>

namespace postfach::base {

// 64 bits made of a text, never 0, the same for ever: it may be stored. Not for tables that strangers can fill, unless
// the table mixes it with something secret (number_table.h).
constexpr std::uint64_t stable_hash(std::string_view text) noexcept {
  // FNV-1a, and then the bits are spread, so that any range of the numbers is a fair sample.
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  hash = (hash ^ hash >> 33U) * 0xFF51AFD7ED558CCDU;
  hash = (hash ^ hash >> 33U) * 0xC4CEB9FE1A85EC53U;
  hash ^= hash >> 33U;
  return hash == 0 ? 1 : hash;
}

}  // namespace postfach::base
