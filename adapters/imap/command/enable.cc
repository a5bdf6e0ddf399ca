#include "enable.h"

#include <algorithm>

namespace postfach::imap {
namespace {

constexpr std::size_t kMaxCapabilities = 100;  // more than are registered and can be enabled

}  // namespace

// enable = "ENABLE" 1*(SP capability)
std::optional<std::vector<std::string>> parse_enable(Scanner& in) {
  std::vector<std::string> names;
  if (!in.sp()) return std::nullopt;
  do {
    std::string name;
    if (!in.upper_atom(name)) return std::nullopt;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (names.size() == kMaxCapabilities) {
      in.fail("Too many capabilities");
      return std::nullopt;
    }
    names.push_back(std::move(name));
  } while (in.skip(' ') && !in.at_end());
  if (!in.end()) return std::nullopt;
  return names;
}

}  // namespace postfach::imap
