#include "size.h"

#include <fmt/format.h>

#include <charconv>

namespace examples {
namespace {

constexpr std::string_view kUnits = "KMGT";

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return std::nullopt;
  std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  if (suffix.empty() || suffix == "B") return number;
  const char letter = suffix[0] >= 'a' && suffix[0] <= 'z' ? static_cast<char>(suffix[0] - 32) : suffix[0];
  const auto unit = kUnits.find(letter);
  suffix.remove_prefix(1);
  if (unit == std::string_view::npos || !(suffix.empty() || suffix == "B" || suffix == "iB")) return std::nullopt;
  const auto shift = 10 * (static_cast<unsigned>(unit) + 1);
  if (number > (UINT64_MAX >> shift)) return std::nullopt;
  return number << shift;
}

std::string format_size(std::uint64_t octets) {
  if (octets < 1024) return fmt::format("{} B", octets);
  auto size = static_cast<double>(octets);
  std::size_t unit = 0;
  for (size /= 1024; size >= 1023.95 && unit + 1 < kUnits.size(); size /= 1024) ++unit;
  return fmt::format("{:.1f} {}iB", size, kUnits[unit]);
}

}  // namespace examples
