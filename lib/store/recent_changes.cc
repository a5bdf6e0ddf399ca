#include "recent_changes.h"

#include <algorithm>
#include <utility>

namespace postfach::store {
namespace {

std::size_t cost(const FlagsChanged& entry) noexcept {
  constexpr std::size_t kEntry = sizeof(FlagsChanged) / sizeof(UidRange);
  return kEntry + entry.uids.ranges().size();
}

}  // namespace

void RecentChanges::drop_oldest() {
  from_ = entries_.front().modseq;
  ranges_ -= cost(entries_.front());
  entries_.pop_front();
}

void RecentChanges::record(ModSeq before, ModSeq after, std::vector<FlagsChanged> changes) {
  const std::lock_guard lock(mutex_);
  if (before != upto_) {
    entries_.clear();
    ranges_ = 0;
    from_ = before;
  }
  for (FlagsChanged& change : changes) {
    ranges_ += cost(change);
    entries_.push_back(std::move(change));
  }
  while (ranges_ > kMostRanges) drop_oldest();
  upto_ = after;  // last: if memory gives out above, the next transaction begins anew
}

std::optional<UidSet> RecentChanges::changed(MailboxId mailbox, ModSeq since, ModSeq flags_modseq) const {
  std::vector<UidRange> ranges;
  {
    const std::lock_guard lock(mutex_);
    if (since < from_ || flags_modseq > upto_) return std::nullopt;
    bool reaches = false;
    for (auto entry = entries_.rbegin(); entry != entries_.rend() && entry->modseq > since; ++entry) {
      if (entry->mailbox != mailbox || entry->modseq > flags_modseq) continue;
      reaches = reaches || entry->modseq == flags_modseq;
      ranges.insert(ranges.end(), entry->uids.ranges().begin(), entry->uids.ranges().end());
    }
    if (!reaches) return std::nullopt;
  }
  // In the order of UIDs, because a set grows fast at its end alone.
  std::sort(ranges.begin(), ranges.end(), [](const UidRange& a, const UidRange& b) { return a.first < b.first; });
  UidSet uids;
  for (const UidRange& range : ranges) uids.add(range.first, range.last);
  return uids;
}

}  // namespace postfach::store
