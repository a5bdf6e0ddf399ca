#include "searched_ids.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "imap/state/capability.h"

namespace postfach::imap {
namespace {

constexpr std::size_t kLongestId = 255;

// objectid = 1*255(ALPHA / DIGIT / "_" / "-")
bool is_object_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kLongestId && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '_' || c == '-';
  });
}

}  // namespace

// The parser bounds the depth.
std::optional<Answer> check_object_ids(const Context& context, const SearchTerm& criteria) {
  if (criteria.kind == SearchTerm::Kind::email_id || criteria.kind == SearchTerm::Kind::thread_id) {
    if (!offers(context, "OBJECTID")) return bad("Unknown search key");
    if (!is_object_id(criteria.text)) return bad("Invalid object identifier");
  }
  for (const SearchTerm& term : criteria.keys) {
    if (std::optional<Answer> answer = check_object_ids(context, term)) return answer;
  }
  return {};
}

bool has_thread_id(const SearchTerm& criteria) {
  return criteria.kind == SearchTerm::Kind::thread_id ||
         std::any_of(criteria.keys.begin(), criteria.keys.end(), has_thread_id);
}

}  // namespace postfach::imap
