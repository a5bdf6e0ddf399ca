#include "number_set.h"

#include <algorithm>

namespace postfach::imap {

bool NumberSet::add(std::uint32_t first, std::uint32_t last) {
  if (first == kStar || last == kStar) {
    star_ = true;
    const std::uint32_t other = first == kStar ? last : first;
    if (other != kStar) {
      star_low_ = star_low_ == 0 ? other : std::min(star_low_, other);
      star_high_ = std::max(star_high_, other);
    }
    return true;
  }
  pending_.push_back({std::min(first, last), std::max(first, last)});
  // Merging costs a sort, so it waits until it has as much new as old to look at.
  return pending_.size() < std::max<std::size_t>(1024, numbers_.ranges().size()) || merge();
}

bool NumberSet::finish() {
  const bool fits = merge();
  pending_ = {};
  return fits;
}

bool NumberSet::merge() {
  const auto by_first = [](const UidRange& a, const UidRange& b) { return a.first < b.first; };
  std::sort(pending_.begin(), pending_.end(), by_first);
  const auto old_size = static_cast<std::ptrdiff_t>(pending_.size());
  pending_.insert(pending_.end(), numbers_.ranges().begin(), numbers_.ranges().end());
  std::inplace_merge(pending_.begin(), pending_.begin() + old_size, pending_.end(), by_first);
  numbers_.clear();
  for (const UidRange& range : pending_) numbers_.add(range.first, range.last);
  pending_.clear();
  return numbers_.ranges().size() <= kMaxRanges;
}

UidSet NumberSet::uids(Uid largest) const {
  UidSet set = numbers_;
  if (star_ && largest != 0) {
    set.add(star_low_ == 0 ? largest : std::min(star_low_, largest), std::max(star_high_, largest));
  }
  return set;
}

NumberSet::Sequence NumberSet::sequence(std::uint32_t messages) const {
  Sequence result;
  result.exceeds = numbers_.max() > messages || star_high_ > messages || (star_ && messages == 0);
  if (messages == 0) return result;
  result.numbers = uids(messages);
  if (result.numbers.max() > messages) result.numbers = result.numbers.intersection(UidSet::of(1, messages));
  return result;
}

}  // namespace postfach::imap
