#include "partial_range.h"

#include <string>

#include "base/ascii.h"

namespace postfach::imap {

// partial-range-first = nz-number ":" nz-number
// partial-range-last  = MINUS nz-number ":" MINUS nz-number
bool parse_partial_range(Scanner& in, PartialRange& out) noexcept {
  out.from_end = in.skip('-');
  if (!in.nz_number(out.first) || !in.expect(':')) return false;
  if (in.skip('-') != out.from_end) return in.fail("Both ends of a range count from the same side");
  return in.nz_number(out.last);
}

void append_partial_range(std::string& out, const PartialRange& range) {
  const std::string_view sign = range.from_end ? "-" : "";
  out += sign;
  base::append_number(out, range.first);
  out += ':';
  out += sign;
  base::append_number(out, range.last);
}

UidSet slice(const UidSet& set, const PartialRange& range) {
  std::uint64_t skip = range.low() - 1;
  std::uint64_t take = std::uint64_t{range.high()} - range.low() + 1;
  if (range.from_end) {
    const std::uint64_t count = set.count();
    if (skip >= count) return {};
    take = std::min(take, count - skip);
    skip = count - skip - take;
  }
  UidSet result;
  for (const UidRange& part : set.ranges()) {
    const std::uint64_t size = std::uint64_t{part.last} - part.first + 1;
    if (skip >= size) {
      skip -= size;
      continue;
    }
    const std::uint64_t taken = std::min(take, size - skip);
    result.add(static_cast<Uid>(part.first + skip), static_cast<Uid>(part.first + skip + taken - 1));
    skip = 0;
    take -= taken;
    if (take == 0) break;
  }
  return result;
}

}  // namespace postfach::imap
