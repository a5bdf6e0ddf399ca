#include "ascii.h"

#include <array>
#include <charconv>
#include <cstring>

namespace postfach::base {

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && starts_with_ignoring_case(a, b);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (text[i] != prefix[i] && to_lower(text[i]) != to_lower(prefix[i])) return false;
  }
  return true;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower(c);
  return lower;
}

std::string to_upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = to_upper(c);
  return upper;
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::size_t ascii_prefix(std::string_view text) noexcept {
  // Whole message bodies pass through here: as many octets at a time as compilers make vector instructions of.
  constexpr std::size_t kWords = 8;
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::array<std::uint64_t, kWords> words;
  std::size_t i = 0;
  for (; i + sizeof words <= text.size(); i += sizeof words) {
    std::memcpy(words.data(), text.data() + i, sizeof words);
    std::uint64_t bits = 0;
    for (const std::uint64_t word : words) bits |= word;
    if ((bits & kHighBits) != 0) break;
  }
  for (; i + sizeof words[0] <= text.size(); i += sizeof words[0]) {
    std::memcpy(words.data(), text.data() + i, sizeof words[0]);
    if ((words[0] & kHighBits) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

bool is_ascii(std::string_view text) noexcept {
  // What a field holds is most often shorter than a block, and the last word of it may overlap the one before.
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::size_t kShort = 64;
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  if (text.size() < kWord || text.size() > kShort) return ascii_prefix(text) == text.size();
  std::uint64_t bits = 0;
  std::uint64_t word = 0;
  for (std::size_t i = 0; i + kWord <= text.size(); i += kWord) {
    std::memcpy(&word, text.data() + i, kWord);
    bits |= word;
  }
  std::memcpy(&word, text.data() + text.size() - kWord, kWord);
  return ((bits | word) & kHighBits) == 0;
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) noexcept {
  // For an unsigned type from_chars takes no sign at all and no leading blank.
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number > most) return std::nullopt;
  return number;
}

bool equals_in_constant_time(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  // volatile keeps the compiler from leaving the loop as soon as the outcome is known.
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;  // 2^64-1 has twenty
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace postfach::base
