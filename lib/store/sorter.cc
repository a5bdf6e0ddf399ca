#include "sorter.h"

#include <algorithm>
#include <cstring>

#include "postfach/mailbox.h"
#include "sqlite/messages.h"
#include "store_impl.h"

namespace postfach {
namespace {

constexpr std::size_t kHeadOctets = sizeof(std::uint64_t);
constexpr std::size_t kSizeOctets = sizeof(std::uint32_t);

std::uint64_t head_of(std::string_view key) noexcept {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < kHeadOctets; ++i) {
    head = head << 8U | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return head;
}

std::string_view rest_at(const std::string& rests, std::uint32_t at) noexcept {
  std::uint32_t size = 0;
  std::memcpy(&size, rests.data() + at, kSizeOctets);
  return std::string_view(rests).substr(at + kSizeOctets, size);
}

constexpr std::uint32_t kNoRest = UINT32_MAX;

}  // namespace

void Sorter::Impl::add(const sqlite::MessageRow& row, std::string_view envelope) {
  if (!is_open) runs.emplace_back();
  is_open = true;
  Run& run = runs.back();
  key.clear();
  keys.append(key, row, envelope);
  Entry entry{head_of(key), row.uid, kNoRest};
  if (key.size() > kHeadOctets) {
    entry.rest = static_cast<std::uint32_t>(run.rests.size());
    const auto rest = static_cast<std::uint32_t>(key.size() - kHeadOctets);
    run.rests.append(reinterpret_cast<const char*>(&rest), kSizeOctets);
    run.rests.append(key, kHeadOctets);
    octets += rest + kSizeOctets;
  }
  run.entries.push_back(entry);
  octets += sizeof(Entry);
  ++size;
}

// No key is the beginning of another: those with equal heads both have a rest, or they are equal.
bool Sorter::Impl::less(const Run& a, const Entry& x, const Run& b, const Entry& y) noexcept {
  if (x.head != y.head) return x.head < y.head;
  if (x.rest != kNoRest && y.rest != kNoRest) {
    const int order = rest_at(a.rests, x.rest).compare(rest_at(b.rests, y.rest));
    if (order != 0) return order < 0;
  }
  return x.uid < y.uid;
}

void Sorter::Impl::end_run() {
  if (!is_open) return;
  is_open = false;
  Run& run = runs.back();
  std::sort(run.entries.begin(), run.entries.end(),
            [&run](const Entry& x, const Entry& y) { return less(run, x, run, y); });
  run.entries.shrink_to_fit();
  run.rests.shrink_to_fit();
}

std::size_t Sorter::Impl::take(std::size_t most, Uid* out) {
  // A heap has its greatest in front.
  const auto later = [this](std::uint32_t a, std::uint32_t b) {
    const Run& x = runs[a];
    const Run& y = runs[b];
    return less(y, y.entries[y.next], x, x.entries[x.next]);
  };
  if (!is_merging) {
    end_run();
    is_merging = true;
    for (std::uint32_t i = 0; i < runs.size(); ++i) heap.push_back(i);
    std::make_heap(heap.begin(), heap.end(), later);
  }
  std::size_t count = 0;
  for (; count < most && !heap.empty(); ++count) {
    if (heap.size() > 1) std::pop_heap(heap.begin(), heap.end(), later);
    Run& run = runs[heap.back()];
    if (out != nullptr) out[count] = run.entries[run.next].uid;
    if (++run.next == run.entries.size()) {
      heap.pop_back();
      run = {};
    } else if (heap.size() > 1) {
      std::push_heap(heap.begin(), heap.end(), later);
    }
  }
  return count;
}

Sorter::Sorter(const std::vector<SortCriterion>& criteria, Comparator comparator)
    : impl_(std::make_unique<Impl>(criteria, comparator)) {}
Sorter::Sorter(Sorter&&) noexcept = default;
Sorter& Sorter::operator=(Sorter&&) noexcept = default;
Sorter::~Sorter() = default;

void Sorter::set_relevance(std::vector<Uid> uids, std::vector<std::uint8_t> scores) {
  impl_->keys.set_relevance(std::move(uids), std::move(scores));
}

std::size_t Sorter::size() const noexcept { return impl_->size; }

std::size_t Sorter::take(std::span<Uid> uids) { return impl_->take(uids.size(), uids.data()); }

void Sorter::skip(std::size_t count) { impl_->take(count, nullptr); }

Uid Sorter::first() const noexcept {
  const Impl::Run* best = nullptr;
  for (const Impl::Run& run : impl_->runs) {
    if (run.entries.empty()) continue;  // all taken
    if (best == nullptr || Impl::less(run, run.entries[run.next], *best, best->entries[best->next])) best = &run;
  }
  return best == nullptr ? 0 : best->entries[best->next].uid;
}

Uid Sorter::last() const noexcept {
  const Impl::Run* best = nullptr;
  for (const Impl::Run& run : impl_->runs) {
    if (run.entries.empty()) continue;
    if (best == nullptr || Impl::less(*best, best->entries.back(), run, run.entries.back())) best = &run;
  }
  return best == nullptr ? 0 : best->entries.back().uid;
}

Result<Uid> Mailbox::sort(Sorter& sorter, const UidSet& within, Uid from, SearchBudget budget) const {
  const UidSet uids = within.intersection(UidSet::of(std::max<Uid>(from, 1), UINT32_MAX));
  return impl_->account->read([&](sqlite::Connection& db) -> Result<Uid> {
    if (auto mailbox = store::load_selectable(db, impl_->id); !mailbox) return mailbox.error();
    Sorter::Impl& sort = sorter.impl();
    const sqlite::Wide columns = sort.keys.reads_envelope() ? sqlite::Wide::envelope : sqlite::Wide::none;
    sqlite::MessageCursor messages(db, impl_->id, uids, columns);
    std::uint64_t bytes = 0;
    Uid next = 0;
    for (std::uint32_t count = 0; messages.next(); ++count) {
      if (count > 0 && (count >= budget.messages || bytes >= budget.bytes)) {
        next = messages.row().uid;
        break;
      }
      const std::string_view envelope = messages.wide().envelope;
      sort.add(messages.row(), envelope);
      bytes += envelope.size();
      if (sort.octets > Sorter::kMostOctets) return Error{Errc::limit, "too many messages to sort"};
    }
    if (!messages.ok()) return messages.error();
    sort.end_run();
    return next;
  });
}

}  // namespace postfach
