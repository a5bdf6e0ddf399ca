// UidSet of postfach/types.h. Every function keeps the invariant: ranges ascend, and between two of them at
// least one UID is missing. Ends are compared in 64 bits, because last + 1 of 4294967295 does not fit in 32.
#include <algorithm>
#include <iterator>
#include <utility>

#include "ascii.h"
#include "postfach/types.h"

namespace postfach {
namespace {

std::uint64_t after(const UidRange& range) noexcept { return std::uint64_t{range.last} + 1; }

}  // namespace

void UidSet::add(Uid first, Uid last) {
  if (first > last) std::swap(first, last);
  if (last == 0) return;
  first = std::max<Uid>(first, 1);

  if (ranges_.empty() || first > after(ranges_.back())) {
    ranges_.push_back({first, last});
    return;
  }
  if (first >= ranges_.back().first) {
    ranges_.back().last = std::max(ranges_.back().last, last);
    return;
  }
  // All ranges that overlap or touch [first, last] become one.
  const auto begin = std::partition_point(ranges_.begin(), ranges_.end(),
                                          [first](const UidRange& range) { return after(range) < first; });
  const auto end = std::partition_point(
      begin, ranges_.end(), [last](const UidRange& range) { return range.first <= std::uint64_t{last} + 1; });
  if (begin == end) {
    ranges_.insert(begin, {first, last});
    return;
  }
  begin->first = std::min(begin->first, first);
  begin->last = std::max(std::prev(end)->last, last);
  ranges_.erase(std::next(begin), end);
}

void UidSet::add(const UidSet& other) {
  if (other.ranges_.empty() || &other == this) return;
  if (ranges_.empty() || other.min() > max()) {
    for (const UidRange& range : other.ranges_) add(range.first, range.last);
    return;
  }
  const std::vector<UidRange> mine = std::move(ranges_);
  ranges_.clear();
  ranges_.reserve(mine.size() + other.ranges_.size());
  auto a = mine.begin();
  auto b = other.ranges_.begin();
  while (a != mine.end() || b != other.ranges_.end()) {
    const bool is_mine = b == other.ranges_.end() || (a != mine.end() && a->first <= b->first);
    const UidRange& next = is_mine ? *a++ : *b++;
    add(next.first, next.last);
  }
}

bool UidSet::contains(Uid uid) const noexcept {
  const auto range = std::partition_point(ranges_.begin(), ranges_.end(),
                                          [uid](const UidRange& candidate) { return candidate.last < uid; });
  return range != ranges_.end() && range->first <= uid;
}

std::uint64_t UidSet::count() const noexcept {
  std::uint64_t count = 0;
  for (const UidRange& range : ranges_) count += after(range) - range.first;
  return count;
}

UidSet UidSet::intersection(const UidSet& other) const {
  UidSet common;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const Uid first = std::max(a->first, b->first);
    const Uid last = std::min(a->last, b->last);
    if (first <= last) common.ranges_.push_back({first, last});
    if (a->last < b->last) {
      ++a;
    } else {
      ++b;
    }
  }
  return common;
}

UidSet UidSet::minus(const UidSet& other) const {
  UidSet rest;
  auto hole = other.ranges_.begin();
  for (const UidRange& range : ranges_) {
    std::uint64_t next = range.first;  // the first UID of this range that is not yet decided
    while (hole != other.ranges_.end() && hole->last < range.first) ++hole;
    while (hole != other.ranges_.end() && hole->first <= range.last) {
      if (next < hole->first) rest.ranges_.push_back({static_cast<Uid>(next), hole->first - 1});
      next = after(*hole);
      if (hole->last > range.last) break;  // it may cut the next range too
      ++hole;
    }
    if (next <= range.last) rest.ranges_.push_back({static_cast<Uid>(next), range.last});
  }
  return rest;
}

std::string UidSet::to_string() const {
  std::string text;
  for (const UidRange& range : ranges_) {
    if (!text.empty()) text += ',';
    base::append_number(text, range.first);
    if (range.last == range.first) continue;
    text += ':';
    base::append_number(text, range.last);
  }
  return text;
}

}  // namespace postfach
