#include "search_context.h"

#include <algorithm>
#include <utility>

#include "imap/command/partial_range.h"
#include "imap/response/conditions.h"
#include "imap/response/search_data.h"
#include "selected.h"

namespace postfach::imap {
namespace {

// Messages that one response tells of.
constexpr std::uint32_t kMostTold = 2048;

std::size_t octets_of(const UidSet& set) noexcept { return set.ranges().size() * sizeof(UidRange); }

std::size_t octets_of(const SearchKey& key) noexcept {
  std::size_t octets = sizeof(key) + key.name.size() + key.text.size() + octets_of(key.uids);
  for (const SearchKey& inner : key.keys) octets += octets_of(inner);
  return octets;
}

std::size_t octets_of(const SearchContext& context) noexcept {
  return octets_of(context.key) + octets_of(context.matching) + context.tag.size();
}

// Calls visit with the seconds of each OLDER and YOUNGER.
template <class Visit>
void for_each_age(const SearchKey& key, const Visit& visit) {
  if (key.kind == SearchKey::Kind::older || key.kind == SearchKey::Kind::younger) visit(key.number);
  for (const SearchKey& inner : key.keys) for_each_age(inner, visit);
}

void add_all(UidSet& set, const UidSet& more) {
  for (const UidRange& range : more.ranges()) set.add(range.first, range.last);
}

// As the client counts them.
UidSet shown(const Selected& selected, const UidSet& uids, bool as_uids) {
  if (as_uids) return uids;
  UidSet numbers;
  for (const UidRange& range : uids.ranges()) {
    for (std::uint64_t uid = range.first; uid <= range.last; ++uid) {
      numbers.add(selected.number_of(static_cast<Uid>(uid)));
    }
  }
  return numbers;
}

}  // namespace

bool SearchContexts::has(std::string_view tag) const noexcept {
  return std::any_of(contexts_.begin(), contexts_.end(), [tag](const SearchContext& c) { return c.tag == tag; });
}

std::size_t SearchContexts::octets() const noexcept {
  std::size_t octets = 0;
  for (const SearchContext& context : contexts_) octets += octets_of(context);
  return octets;
}

bool SearchContexts::add(SearchContext context, Clock::time_point now) {
  if (contexts_.size() == kMost || octets() + octets_of(context) > kMostOctets) return false;
  contexts_.push_back(std::move(context));
  plan_sweep(now);
  return true;
}

bool SearchContexts::cancel(std::string_view tag) {
  const auto context =
      std::find_if(contexts_.begin(), contexts_.end(), [tag](const SearchContext& c) { return c.tag == tag; });
  if (context == contexts_.end()) return false;
  contexts_.erase(context);
  // What was being told is told again: the others know what they have told.
  context_ = 0;
  from_ = 1;
  if (contexts_.empty()) *this = {};
  return true;
}

void SearchContexts::plan_sweep(Clock::time_point now) {
  if (next_sweep_) return;
  bool has_age = false;
  for (const SearchContext& context : contexts_) {
    for_each_age(context.key, [&has_age](std::uint64_t) { has_age = true; });
  }
  if (!has_age) return;
  last_sweep_ = now;
  next_sweep_ = now + kSweep;
}

void SearchContexts::note_changed(const UidSet& uids) {
  if (!contexts_.empty()) add_all(changed_, uids);
}

void SearchContexts::note_gone(const UidSet& uids) {
  if (contexts_.empty()) return;
  add_all(gone_, uids);
  changed_ = changed_.minus(uids);
}

bool SearchContexts::tell_gone(const Selected& selected, std::string& out, std::size_t soft_limit) {
  while (!gone_.empty()) {
    if (out.size() >= soft_limit) return false;
    const UidSet some = slice(gone_, {.first = 1, .last = kMostTold});
    for (SearchContext& context : contexts_) {
      const UidSet removed = context.matching.intersection(some);
      // What is gone is told once, so that it does no harm: a result must not grow by being torn to pieces.
      UidSet rest = context.matching.minus(some);
      if (rest.ranges().size() <= context.matching.ranges().size()) context.matching = std::move(rest);
      append_context_update(out, context.tag, context.uid, shown(selected, removed, context.uid), {});
    }
    gone_ = gone_.minus(some);
  }
  return true;
}

SearchContexts::Step SearchContexts::tell_changed(const Selected& selected, Clock::time_point now, std::string& out,
                                                  std::size_t soft_limit) {
  if (next_sweep_ && (sweep_from_ != 0 || *next_sweep_ <= now)) {
    if (const Step step = sweep(selected, now); step != Step::done) return step;
  }
  while (!changed_.empty() && context_ < contexts_.size()) {
    if (out.size() >= soft_limit) return Step::more;
    if (!look_again(selected, contexts_[context_], out)) {
      // What can't be read now is looked at with the next change, which may come before where this one got to.
      context_ = 0;
      from_ = 1;
      return Step::done;
    }
    if (octets() > kMostOctets) {
      append_untagged(out, Condition::no, code_no_update(contexts_[context_].tag),
                      "The result has become too scattered");
      contexts_.erase(contexts_.begin() + static_cast<std::ptrdiff_t>(context_));
    } else if (from_ != 0) {
      return Step::yield;
    } else {
      ++context_;
    }
    from_ = 1;
  }
  changed_.clear();
  context_ = 0;
  from_ = 1;
  return Step::done;
}

bool SearchContexts::look_again(const Selected& selected, SearchContext& context, std::string& out) {
  const Result<SearchPage> page = selected.mailbox().search(context.key, changed_, from_, {.messages = kMostTold});
  if (!page) return false;
  UidSet found;
  for (const Uid uid : page->uids) {
    if (selected.number_of(uid) != 0) found.add(uid);
  }
  const Uid last = page->next != 0 ? page->next - 1 : UINT32_MAX;
  const UidSet looked_at = changed_.intersection(UidSet::of(from_, last));
  const UidSet removed = context.matching.intersection(looked_at).minus(found);
  const UidSet added = found.minus(context.matching);
  append_context_update(out, context.tag, context.uid, shown(selected, removed, context.uid),
                        shown(selected, added, context.uid));
  // Without pieces that are left of what was expunged.
  if (!removed.empty()) context.matching = selected.span(context.matching.minus(removed));
  add_all(context.matching, added);
  from_ = page->next;
  return true;
}

// Messages that have become as old as a criterion says since the last sweep are looked at again.
SearchContexts::Step SearchContexts::sweep(const Selected& selected, Clock::time_point now) {
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - last_sweep_).count();
  std::vector<std::uint64_t> ages;
  for (const SearchContext& context : contexts_) {
    for_each_age(context.key, [&ages](std::uint64_t age) { ages.push_back(age); });
  }
  std::sort(ages.begin(), ages.end());
  ages.erase(std::unique(ages.begin(), ages.end()), ages.end());
  SearchKey crossed{.kind = SearchKey::Kind::any_of};
  for (const std::uint64_t age : ages) {
    SearchKey& both = crossed.keys.emplace_back(SearchKey{.kind = SearchKey::Kind::all_of});
    both.keys.push_back({.kind = SearchKey::Kind::older, .number = age});
    // A second or two more than passed: clocks are read at different times.
    both.keys.push_back({.kind = SearchKey::Kind::younger, .number = age + static_cast<std::uint64_t>(passed) + 2});
  }
  if (crossed.keys.empty() || selected.exists() == 0) {
    next_sweep_.reset();
    sweep_from_ = 0;
    plan_sweep(now);
    return Step::done;
  }
  const Result<SearchPage> page =
      selected.mailbox().search(crossed, UidSet::of(1, selected.last_uid()), std::max<Uid>(sweep_from_, 1));
  if (page) {
    UidSet found;
    for (const Uid uid : page->uids) found.add(uid);
    add_all(changed_, found);
    sweep_from_ = page->next;
    if (sweep_from_ != 0) return Step::yield;
    last_sweep_ = now;
  }
  sweep_from_ = 0;
  next_sweep_ = now + kSweep;
  return Step::done;
}

}  // namespace postfach::imap
