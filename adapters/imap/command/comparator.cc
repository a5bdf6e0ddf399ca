#include "comparator.h"

namespace postfach::imap {
namespace {

constexpr std::size_t kMaxPatterns = 32;  // more than there are comparators
constexpr std::size_t kMaxLength = 255;   // RFC 4790 §3.1

}  // namespace

// comparator-cmd = "COMPARATOR" *(SP comp-order-quoted)
std::optional<std::vector<std::string>> parse_comparator(Scanner& in) {
  std::vector<std::string> patterns;
  while (!in.at_end() && in.skip(' ') && !in.at_end()) {
    if (patterns.size() == kMaxPatterns) {
      in.fail("Too many comparators");
      return std::nullopt;
    }
    if (!in.astring(patterns.emplace_back())) return std::nullopt;
    if (patterns.back().empty() || patterns.back().size() > kMaxLength) {
      in.fail("Invalid name of a comparator");
      return std::nullopt;
    }
  }
  if (!in.end()) return std::nullopt;
  return patterns;
}

}  // namespace postfach::imap
