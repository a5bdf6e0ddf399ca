// partial-range (RFC 9394 §4): the n-th to the m-th of some results, from the first or from the last one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "imap/wire/scanner.h"

namespace postfach::imap {

struct PartialRange {
  std::uint32_t first = 1;  // as given: 500:400 is 400:500
  std::uint32_t last = 1;
  bool from_end = false;  // -1 is the last result
  bool operator==(const PartialRange&) const = default;

  std::uint32_t low() const noexcept { return std::min(first, last); }
  std::uint32_t high() const noexcept { return std::max(first, last); }
};

// partial-range-first / partial-range-last
bool parse_partial_range(Scanner& in, PartialRange& out) noexcept;
// As the client wrote it.
void append_partial_range(std::string& out, const PartialRange& range);

// The members of the set that the range names.
UidSet slice(const UidSet& set, const PartialRange& range);

}  // namespace postfach::imap
