#include "selected.h"

#include <algorithm>
#include <utility>

namespace postfach::imap {
namespace {

UidSet set_of(const std::vector<Uid>& uids) {
  UidSet set;
  for (const Uid uid : uids) set.add(uid);
  return set;
}

}  // namespace

Selected::Selected(Mailbox mailbox, MailboxSnapshot snapshot, bool read_only, Subscription subscription)
    : mailbox_(std::move(mailbox)),
      uids_(std::move(snapshot.uids)),
      modseq_(snapshot.status.highest_modseq),
      uid_next_(snapshot.status.uid_next),
      first_recent_(snapshot.first_recent),
      read_only_(read_only),
      known_modseq_(snapshot.status.highest_modseq),
      keywords_(std::move(snapshot.keywords)),
      subscription_(std::move(subscription)) {}

std::uint32_t Selected::recent() const noexcept {
  const auto first = std::lower_bound(uids_.begin(), uids_.end(), first_recent_);
  return static_cast<std::uint32_t>(uids_.end() - first);
}

std::uint32_t Selected::number_of(Uid uid) const noexcept {
  const auto at = std::lower_bound(uids_.begin(), uids_.end(), uid);
  return at != uids_.end() && *at == uid ? static_cast<std::uint32_t>(at - uids_.begin() + 1) : 0;
}

UidSet Selected::known(const UidSet& uids) const {
  UidSet result;
  auto at = uids_.begin();
  for (const UidRange& range : uids.ranges()) {
    at = std::lower_bound(at, uids_.end(), range.first);
    for (; at != uids_.end() && *at <= range.last; ++at) result.add(*at);
  }
  return result;
}

std::optional<UidSet> Selected::resolve(const NumberSet& set, bool are_uids) const {
  if (set.is_saved_result()) return known(saved_result_);
  if (are_uids) return known(set.uids(last_uid()));
  const NumberSet::Sequence sequence = set.sequence(exists());
  if (sequence.exceeds) return std::nullopt;
  UidSet result;
  for (const UidRange& range : sequence.numbers.ranges()) {
    for (std::uint32_t number = range.first; number <= range.last; ++number) result.add(uid_of(number));
  }
  return result;
}

void Selected::add_own_change(ModSeq modseq, const UidSet& uids) {
  if (modseq != 0 && !uids.empty()) own_changes_.push_back({modseq, uids});
}

bool Selected::is_own_change(Uid uid, ModSeq modseq) const noexcept {
  const auto own = std::find_if(own_changes_.begin(), own_changes_.end(),
                                [modseq](const OwnChange& change) { return change.modseq == modseq; });
  return own != own_changes_.end() && own->uids.contains(uid);
}

Result<std::uint32_t> Selected::pull() {
  Result<Changes> changes = mailbox_.changes_since(modseq_, uid_next_);
  if (!changes) return changes.error();

  UidSet vanished = std::move(changes->vanished);
  if (!changes->log_complete) {
    Result<std::vector<Uid>> present = mailbox_.uids();
    if (!present) return present.error();
    vanished = set_of(uids_).minus(set_of(*present));
  }
  mark_expunged(vanished);

  if (!contexts_.empty()) {
    contexts_.note_changed(known(changes->changed).minus(expunged_));
    contexts_.note_changed(changes->added);
  }
  // Nothing of others can hide behind our own last change: it need not be looked at again.
  for (const OwnChange& own : own_changes_) {
    if (own.modseq == changes->modseq) changes->changed = changes->changed.minus(own.uids);
  }
  const UidSet changed = known(changes->changed);
  for (const UidRange& range : changed.ranges()) changed_.add(range.first, range.last);

  std::uint32_t added = 0;
  for (const UidRange& range : changes->added.ranges()) {
    for (Uid uid = std::max(range.first, uid_next_); uid <= range.last; ++uid) {
      uids_.push_back(uid);
      ++added;
      if (uid == range.last) break;  // of 4294967295
    }
  }
  modseq_ = changes->modseq;
  uid_next_ = changes->uid_next;
  return added;
}

void Selected::clear_changed() {
  changed_.clear();
  own_changes_.clear();
}

void Selected::mark_expunged(const UidSet& uids) {
  const UidSet gone = known(uids);
  for (const UidRange& range : gone.ranges()) expunged_.add(range.first, range.last);
  changed_ = changed_.minus(gone);
  contexts_.note_gone(gone);
}

}  // namespace postfach::imap
