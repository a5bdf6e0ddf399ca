// COMPARATOR (RFC 5255 §4.7, RFC 4790).
#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.h"
#include "handlers.h"
#include "imap/response/server_data.h"

namespace postfach::imap {
namespace {

struct ComparatorName {
  std::string_view name;
  Comparator comparator;
};

// The best first; the first one is the default.
constexpr std::array kComparatorNames = {
    ComparatorName{"i;unicode-casemap", Comparator::unicode_casemap},
    ComparatorName{"i;ascii-casemap", Comparator::ascii_casemap},
    ComparatorName{"i;octet", Comparator::octet},
};

std::string_view name_of(Comparator comparator) noexcept {
  const auto* row = std::find_if(kComparatorNames.begin(), kComparatorNames.end(),
                                 [=](const ComparatorName& r) { return r.comparator == comparator; });
  return row->name;
}

// collation-wild (RFC 4790 §3.2): "*" stands for any run of characters. Steps back to the last "*" alone, so that time
// is bounded by the product of both lengths.
bool matches(std::string_view pattern, std::string_view name) noexcept {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && base::to_lower(pattern[p]) == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

Outcome handle_comparator(Context& context, const std::vector<std::string>& patterns, std::string& out) {
  std::vector<std::string_view> found;
  for (std::string_view pattern : patterns) {
    if (base::equals_ignoring_case(pattern, "default")) pattern = kComparatorNames.front().name;
    // RFC 4790 §3.3: "+" is the usual direction of an order; the other one is not to be had.
    if (pattern.starts_with('+')) pattern.remove_prefix(1);
    for (const ComparatorName& row : kComparatorNames) {
      if (!matches(pattern, row.name)) continue;
      if (found.empty()) context.enabled.comparator = row.comparator;
      if (std::find(found.begin(), found.end(), row.name) == found.end()) found.push_back(row.name);
    }
  }
  if (found.empty() && !patterns.empty()) return no("No such comparator", "BADCOMPARATOR");
  if (found.size() < 2) found.clear();
  append_comparator(out, name_of(context.enabled.comparator), found);
  return ok("Comparator completed");
}

}  // namespace postfach::imap
