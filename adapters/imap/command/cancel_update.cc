#include "cancel_update.h"

namespace postfach::imap {
namespace {

constexpr std::size_t kMaxTags = 100;  // a session has fewer contexts

}  // namespace

// "CANCELUPDATE" 1*(SP quoted)
std::optional<std::vector<std::string>> parse_cancel_update(Scanner& in) {
  std::vector<std::string> tags;
  if (!in.sp()) return std::nullopt;
  do {
    if (tags.size() == kMaxTags) {
      in.fail("Too many tags");
      return std::nullopt;
    }
    if (!in.astring(tags.emplace_back())) return std::nullopt;
  } while (in.skip(' ') && !in.at_end());
  if (!in.end()) return std::nullopt;
  return tags;
}

}  // namespace postfach::imap
