#include "sort.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"

namespace postfach::imap {
namespace {

struct SortName {
  std::string_view name;
  SortField field;
};

constexpr SortName kSortNames[] = {
    {"ARRIVAL", SortField::arrival},
    {"CC", SortField::cc},
    {"DATE", SortField::date},
    {"DISPLAYFROM", SortField::display_from},
    {"DISPLAYTO", SortField::display_to},
    {"FROM", SortField::from},
    {"RELEVANCY", SortField::relevance},
    {"SIZE", SortField::size},
    {"SUBJECT", SortField::subject},
    {"TO", SortField::to},
};

// sort-criterion = ["REVERSE" SP] sort-key
bool parse_criterion(Scanner& in, Sort& out) {
  SortCriterion criterion;
  criterion.reverse = in.word("REVERSE");
  if (criterion.reverse && !in.sp()) return false;
  std::string_view name;
  if (!in.atom(name)) return false;
  const SortName* const row = std::find_if(std::begin(kSortNames), std::end(kSortNames), [name](const SortName& each) {
    return base::equals_ignoring_case(each.name, name);
  });
  if (row == std::end(kSortNames)) return in.fail("Unknown sort criterion");
  criterion.field = row->field;
  out.uses_display |= row->field == SortField::display_from || row->field == SortField::display_to;
  out.uses_relevancy |= row->field == SortField::relevance;
  const bool is_known = std::any_of(out.criteria.begin(), out.criteria.end(),
                                    [row](const SortCriterion& other) { return other.field == row->field; });
  if (!is_known) out.criteria.push_back(criterion);
  return true;
}

// sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"
bool parse_criteria(Scanner& in, Sort& out) {
  if (!in.expect('(')) return false;
  do {
    if (!parse_criterion(in, out)) return false;
  } while (in.skip(' '));
  return in.expect(')');
}

}  // namespace

// sort            = ["UID" SP] "SORT" [SP "RETURN" SP "(" … ")"] SP sort-criteria SP search-criteria
// search-criteria = charset 1*(SP search-key)
std::optional<Sort> parse_sort(Scanner& in) {
  Sort sort;
  if (in.sp() && parse_return_options(in, sort.search.options) && parse_criteria(in, sort) && in.sp() &&
      in.charset(sort.search.charset) && in.sp() && parse_search_keys(in, sort.search) && in.end()) {
    return sort;
  }
  return std::nullopt;
}

}  // namespace postfach::imap
