#include "selected.h"

#include <algorithm>
#include <utility>

namespace postfach::imap {
Selected::Selected(Mailbox mailbox, MailboxSnapshot snapshot, bool read_only, Subscription subscription)
    : mailbox_(std::move(mailbox)),
      uids_(std::move(snapshot.uids)),
      uid_validity_(snapshot.status.uid_validity),
      modseq_(snapshot.status.highest_modseq),
      uid_next_(snapshot.status.uid_next),
      first_recent_(snapshot.first_recent),
      read_only_(read_only),
      known_modseq_(snapshot.status.highest_modseq),
      keywords_(std::move(snapshot.keywords)),
      subscription_(std::move(subscription)) {}

std::uint32_t Selected::recent() const noexcept { return uids_.size() - uids_.count_through(first_recent_ - 1); }

UidSet Selected::uids_of(const UidSet& numbers) const {
  UidSet result;
  for (const UidRange& range : numbers.ranges()) result.add(uid_of(range.first), uid_of(range.last));
  return result;
}

std::optional<UidSet> Selected::resolve(const NumberSet& set, bool are_uids) const {
  if (set.is_saved_result()) return known(saved_result_);
  if (are_uids) return span(set.uids(last_uid()));
  const NumberSet::Sequence sequence = set.sequence(exists());
  if (sequence.exceeds) return std::nullopt;
  return uids_of(sequence.numbers);
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
  bool in_step = true;
  if (!changes->log_complete) {
    Result<MailboxSnapshot> present = mailbox_.snapshot(false);
    if (!present) return present.error();
    vanished = uids_.to_set().minus(present->uids.to_set());
    in_step = present->status.highest_modseq == changes->modseq;
  }
  take_expunged(vanished);

  if (!contexts_.empty()) {
    contexts_.note_changed(known(changes->changed).minus(expunged_));
    contexts_.note_changed(changes->added);
  }
  // Nothing of others can hide behind our own last change: it need not be looked at again.
  for (const OwnChange& own : own_changes_) {
    if (own.modseq == changes->modseq) changes->changed = changes->changed.minus(own.uids);
  }
  changed_.add(known(changes->changed));

  uids_ = uids_.with(changes->added);
  if (changes->modseq != modseq_) is_shared_ = false;
  in_step_ = in_step;
  modseq_ = changes->modseq;
  uid_next_ = changes->uid_next;
  return static_cast<std::uint32_t>(changes->added.count());
}

bool Selected::follow(const OwnStep& step) {
  if (modseq_ != step.before || !contexts_.empty() || (step.added != 0 && step.added < uid_next_)) return false;
  if (step.added != 0) {
    uids_ = uids_.with(UidSet::of(step.added, step.added));
    uid_next_ = step.added + 1;
  }
  modseq_ = step.modseq;
  is_shared_ = false;
  return true;
}

void Selected::clear_changed() {
  changed_.clear();
  std::erase_if(own_changes_, [this](const OwnChange& change) { return change.modseq <= modseq_; });
  if (is_shared_ || !in_step_ || !expunged_.empty()) return;
  uids_ = mailbox_.share(uid_validity_, modseq_, uids_);
  is_shared_ = true;
}

void Selected::mark_expunged(const UidSet& uids) {
  take_expunged(uids);
  in_step_ = in_step_ && uids.empty();
}

void Selected::take_expunged(const UidSet& uids) {
  const UidSet gone = uids_.intersection(uids).minus(expunged_);
  expunged_.add(gone);
  changed_ = changed_.minus(gone);
  contexts_.note_gone(gone);
}

}  // namespace postfach::imap
