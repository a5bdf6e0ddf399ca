// UidList of postfach/uid_list.h: a table of chunks, each with some hundred runs of consecutive UIDs.
//
// Invariants:
// - Chunks and their runs ascend; a chunk has at least one run, and at most kMostRuns.
// - Of two neighbouring chunks at least one is half full when the later one is made, so that many small changes leave no
//   table of crumbs.
// - A run may end where the next chunk begins with the UID behind it: equal lists need not have equal chunks.
#include "postfach/uid_list.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postfach {
namespace {

std::uint32_t length(const UidRange& range) noexcept { return range.last - range.first + 1; }

}  // namespace

std::uint32_t UidList::size() const noexcept {
  return empty() ? 0 : table_->entries.back().before + table_->entries.back().count;
}

Uid UidList::first() const noexcept { return empty() ? 0 : table_->entries.front().first; }
Uid UidList::last() const noexcept { return empty() ? 0 : table_->entries.back().last; }

Uid UidList::uid_of(std::uint32_t number) const noexcept {
  const std::uint32_t index = number - 1;
  const auto entry = std::prev(std::partition_point(table_->entries.begin(), table_->entries.end(),
                                                    [index](const Entry& each) { return each.before <= index; }));
  const std::vector<Run>& runs = entry->chunk->runs;
  const std::uint32_t rest = index - entry->before;
  const auto run = std::prev(
      std::partition_point(runs.begin(), runs.end(), [rest](const Run& each) { return each.before <= rest; }));
  return run->first + (rest - run->before);
}

// Members of the entry up to uid, which is not below its first.
std::uint32_t UidList::count_in(const Entry& entry, Uid uid) noexcept {
  if (uid >= entry.last) return entry.count;
  const std::vector<Run>& runs = entry.chunk->runs;
  const auto next =
      std::partition_point(runs.begin(), runs.end(), [uid](const Run& each) { return each.first <= uid; });
  const auto run = std::prev(next);
  const std::uint32_t end = next == runs.end() ? entry.count : next->before;
  return std::min(run->before + (uid - run->first) + 1, end);
}

std::uint32_t UidList::count_through(Uid uid) const noexcept {
  if (empty() || uid < first()) return 0;
  const auto entry = std::prev(std::partition_point(table_->entries.begin(), table_->entries.end(),
                                                    [uid](const Entry& each) { return each.first <= uid; }));
  return entry->before + count_in(*entry, uid);
}

std::uint32_t UidList::number_of(Uid uid) const noexcept {
  if (empty() || uid < first()) return 0;
  const auto entry = std::prev(std::partition_point(table_->entries.begin(), table_->entries.end(),
                                                    [uid](const Entry& each) { return each.first <= uid; }));
  if (uid > entry->last) return 0;
  const std::vector<Run>& runs = entry->chunk->runs;
  const auto next =
      std::partition_point(runs.begin(), runs.end(), [uid](const Run& each) { return each.first <= uid; });
  const auto run = std::prev(next);
  const std::uint32_t end = next == runs.end() ? entry->count : next->before;
  const std::uint32_t index = run->before + (uid - run->first);
  return index < end ? entry->before + index + 1 : 0;
}

std::uint64_t UidList::count(const UidSet& uids) const noexcept {
  std::uint64_t count = 0;
  for (const UidRange& range : uids.ranges()) count += count_through(range.last) - count_through(range.first - 1);
  return count;
}

UidSet UidList::span(const UidSet& uids) const {
  UidSet result;
  for (const UidRange& range : uids.ranges()) {
    const std::uint32_t before = count_through(range.first - 1);
    const std::uint32_t through = count_through(range.last);
    if (through > before) result.add(uid_of(before + 1), uid_of(through));
  }
  return result;
}

UidSet UidList::intersection(const UidSet& uids) const {
  UidSet result;
  if (empty()) return result;
  for (const UidRange& range : uids.ranges()) {
    auto entry = std::partition_point(table_->entries.begin(), table_->entries.end(),
                                      [&range](const Entry& each) { return each.last < range.first; });
    for (; entry != table_->entries.end() && entry->first <= range.last; ++entry) {
      const std::vector<Run>& runs = entry->chunk->runs;
      auto run = std::partition_point(runs.begin(), runs.end(),
                                      [&range](const Run& each) { return each.first <= range.first; });
      if (run != runs.begin()) --run;
      for (; run != runs.end() && run->first <= range.last; ++run) {
        const auto next = std::next(run);
        const std::uint32_t end = next == runs.end() ? entry->count : next->before;
        const Uid first = std::max(run->first, range.first);
        const Uid last = std::min(run->first + (end - run->before) - 1, range.last);
        if (first <= last) result.add(first, last);
      }
    }
  }
  return result;
}

UidList UidList::with(const UidSet& added) const {
  if (added.empty()) return *this;
  Builder builder;
  if (!empty()) {
    const auto tail = std::prev(table_->entries.end());
    builder.entries_.assign(table_->entries.begin(), tail);
    builder.unpack(*tail->chunk);
  }
  for (const UidRange& range : added.ranges()) builder.add(range.first, range.last);
  return std::move(builder).finish();
}

UidList UidList::without(const UidSet& gone) const {
  if (empty() || gone.empty()) return *this;
  Builder builder;
  auto hole = gone.ranges().begin();
  const auto no_hole = gone.ranges().end();
  bool is_changed = false;
  for (const Entry& entry : table_->entries) {
    while (hole != no_hole && hole->last < entry.first) ++hole;
    if (hole == no_hole || hole->first > entry.last) {
      builder.share(entry);
      continue;
    }
    UidSet part;
    for (auto each = hole; each != no_hole && each->first <= entry.last; ++each) part.add(each->first, each->last);
    const UidSet before = intersection(UidSet::of(entry.first, entry.last));
    const UidSet left = before.minus(part);
    is_changed = is_changed || left != before;
    for (const UidRange& range : left.ranges()) builder.add(range.first, range.last);
  }
  return is_changed ? std::move(builder).finish() : *this;
}

std::size_t UidList::memory() const noexcept {
  if (empty()) return 0;
  std::size_t octets = sizeof(Table);
  for (const Entry& entry : table_->entries) {
    octets += sizeof(Entry) + sizeof(Chunk) + entry.chunk->runs.size() * sizeof(Run);
  }
  return octets;
}

bool UidList::operator==(const UidList& other) const {
  return is_same(other) || (size() == other.size() && to_set() == other.to_set());
}

std::optional<UidList> UidList::Weak::lock() const noexcept {
  std::shared_ptr<const Table> table = table_.lock();
  return table == nullptr ? std::nullopt : std::optional(UidList(std::move(table)));
}

void UidList::Builder::add(Uid first, Uid last) {
  if (!ranges_.empty() && ranges_.back().last + 1 == first) {
    ranges_.back().last = last;
    return;
  }
  if (ranges_.size() == kMostRuns) flush();
  ranges_.push_back({first, last});
}

void UidList::Builder::unpack(const Chunk& chunk) {
  const std::vector<Run>& runs = chunk.runs;
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
    add(runs[i].first, runs[i].first + (runs[i + 1].before - runs[i].before) - 1);
  }
  add(runs.back().first, chunk.last);
}

void UidList::Builder::share(const Entry& entry) {
  constexpr std::size_t kFew = kMostRuns / 2;
  const std::size_t runs = entry.chunk->runs.size();
  if (!ranges_.empty() && ranges_.size() + runs <= kFew) return unpack(*entry.chunk);
  flush();
  if (!entries_.empty() && entries_.back().chunk->runs.size() + runs <= kFew) {
    const std::shared_ptr<const Chunk> before = std::move(entries_.back().chunk);
    entries_.pop_back();
    unpack(*before);
    return unpack(*entry.chunk);
  }
  entries_.push_back(entry);
}

void UidList::Builder::flush() {
  if (ranges_.empty()) return;
  if (!entries_.empty() && entries_.back().chunk->runs.size() + ranges_.size() <= kMostRuns / 2) {
    const std::vector<UidRange> behind = std::exchange(ranges_, {});
    const std::shared_ptr<const Chunk> before = std::move(entries_.back().chunk);
    entries_.pop_back();
    unpack(*before);
    for (const UidRange& range : behind) add(range.first, range.last);
  }
  auto chunk = std::make_shared<Chunk>();
  chunk->runs.reserve(ranges_.size());
  chunk->last = ranges_.back().last;
  std::uint32_t count = 0;
  for (const UidRange& range : ranges_) {
    chunk->runs.push_back({range.first, count});
    count += length(range);
  }
  entries_.push_back({ranges_.front().first, chunk->last, 0, count, std::move(chunk)});
  ranges_.clear();
}

UidList UidList::Builder::finish() && {
  flush();
  if (entries_.empty()) return UidList();
  std::uint32_t before = 0;
  for (Entry& entry : entries_) {
    entry.before = before;
    before += entry.count;
  }
  auto table = std::make_shared<Table>();
  table->entries = std::move(entries_);
  table->entries.shrink_to_fit();
  return UidList(std::move(table));
}

}  // namespace postfach
