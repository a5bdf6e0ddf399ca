// SORT and UID SORT (RFC 5256 §3, RFC 5267 §3, RFC 5957, RFC 6203 §6).
#pragma once

#include <optional>
#include <vector>

#include "imap/command/search.h"
#include "imap/wire/scanner.h"
#include "postfach/sort.h"

namespace postfach::imap {

struct Sort {
  std::vector<SortCriterion> criteria = {};  // each field once: a second time it could not matter
  bool uses_display = false;                 // DISPLAYFROM or DISPLAYTO
  bool uses_relevancy = false;               // RELEVANCY
  Search search = {};                        // its charset is always given
};

std::optional<Sort> parse_sort(Scanner& in);

}  // namespace postfach::imap
