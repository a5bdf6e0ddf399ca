// Walks through a set of UIDs in steps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "postfach/types.h"

namespace postfach::imap {

class UidCursor {
 public:
  explicit UidCursor(UidSet uids) : uids_(std::move(uids)) {}

  bool at_end() const noexcept { return index_ == uids_.ranges().size(); }
  // What comes next; a bounded number of ranges, so that a step costs no more in a scattered set.
  UidSet next(std::size_t most_ranges = 256) const {
    UidSet result;
    const auto& ranges = uids_.ranges();
    for (std::size_t i = index_; i < ranges.size() && i - index_ < most_ranges; ++i) {
      result.add(std::max(ranges[i].first, i == index_ ? first_ : 0), ranges[i].last);
    }
    return result;
  }
  // Everything up to uid, a member of the set, is done.
  void pass(Uid uid) noexcept {
    const auto& ranges = uids_.ranges();
    while (index_ < ranges.size() && ranges[index_].last <= uid) ++index_;
    first_ = at_end() || ranges[index_].first > uid ? 0 : uid + 1;
  }

 private:
  UidSet uids_;
  std::size_t index_ = 0;
  Uid first_ = 0;  // within the range at index_
};

}  // namespace postfach::imap
