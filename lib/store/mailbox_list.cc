// Which messages a mailbox has: Mailbox::snapshot, Mailbox::uids and Mailbox::share.
#include <algorithm>
#include <utility>

#include "postfach/mailbox.h"
#include "sqlite/expunge_log.h"
#include "sqlite/keywords.h"
#include "store_impl.h"

namespace postfach {
namespace {

// A list that others hold, brought up to date: a few rows in place of all. Nothing if that can't be done.
Result<std::optional<UidList>> caught_up(sqlite::Connection& db, const sqlite::MailboxRow& mailbox,
                                         const std::optional<store::ListedUids>& known) {
  if (!known || known->uid_validity != mailbox.uid_validity || known->modseq > mailbox.highest_modseq) {
    return std::optional<UidList>();
  }
  UidList uids = known->uids;
  if (known->modseq < mailbox.highest_modseq) {
    if (mailbox.expunge_modseq > known->modseq) {
      if (known->modseq < mailbox.log_floor) return std::optional<UidList>();
      auto expunged = sqlite::expunged_since(db, mailbox.id, known->modseq);
      if (!expunged) return expunged.error();
      uids = uids.without(*expunged);
    }
    // UIDs ascend: what came later stands behind the last one that the list ever had, expunged or not.
    if (mailbox.uid_next - 1 > known->uids.last()) {
      auto added = sqlite::list_uids(db, mailbox.id, known->uids.last() + 1);
      if (!added) return added.error();
      uids = uids.with(added->to_set());
    }
  }
  return uids.size() == mailbox.messages ? std::optional(std::move(uids)) : std::optional<UidList>();
}

// All UIDs that were ever given out, but those of the expunge log. They are a superset of what exists, even if the log
// should lack something; if there are as many as messages they are the same.
Result<std::optional<UidList>> listed_by_log(sqlite::Connection& db, const sqlite::MailboxRow& mailbox) {
  if (mailbox.messages == 0) return std::optional(UidList());
  // A row of the log costs about as much as a block of messages.
  if (mailbox.log_floor != 0 || mailbox.log_ranges > mailbox.messages / sqlite::kMostInBlock) {
    return std::optional<UidList>();
  }
  UidList uids = UidList().with(UidSet::of(1, mailbox.uid_next - 1));
  if (mailbox.log_ranges != 0) {
    auto expunged = sqlite::expunged_since(db, mailbox.id, 0);
    if (!expunged) return expunged.error();
    uids = uids.without(*expunged);
  }
  return uids.size() == mailbox.messages ? std::optional(std::move(uids)) : std::optional<UidList>();
}

// All blocks of a large mailbox are a page for 60 messages each; the other two ways take far less.
Result<UidList> list_uids(sqlite::Connection& db, const sqlite::MailboxRow& mailbox,
                          const std::optional<store::ListedUids>& known) {
  auto uids = caught_up(db, mailbox, known);
  if (uids && !*uids) uids = listed_by_log(db, mailbox);
  if (!uids) return uids.error();
  if (*uids) return **std::move(uids);
  return sqlite::list_uids(db, mailbox.id, 1);
}

}  // namespace

Result<MailboxSnapshot> Mailbox::snapshot(bool claim_recent) const {
  // Before the transaction begins: what is known then is not newer than what it sees.
  const auto known = impl_->account->store->lists.find(impl_->account->id, impl_->id);
  auto snapshot = impl_->account->read([&](sqlite::Connection& db) -> Result<MailboxSnapshot> {
    auto row = store::load_selectable(db, impl_->id);
    if (!row) return row.error();
    auto uids = list_uids(db, *row, known);
    if (!uids) return uids.error();
    auto unseen = row->unseen == 0 ? Result<Uid>(Uid{0}) : sqlite::first_unseen(db, impl_->id);
    if (!unseen) return unseen.error();
    auto names = sqlite::load_keywords(db, impl_->id);
    if (!names) return names.error();
    auto most = store::append_limit(db, impl_->account->store->options);
    if (!most) return most.error();
    return MailboxSnapshot{store::status_of(*row, *most), std::move(*uids), *unseen, row->first_recent_uid,
                           std::move(*names)};
  });
  if (!snapshot) return snapshot;
  MailboxStatus& status = snapshot->status;
  snapshot->uids = share(status.uid_validity, status.highest_modseq, snapshot->uids);
  // Beyond UIDNEXT nothing can be recent.
  snapshot->first_recent = std::min(snapshot->first_recent, status.uid_next);
  if (!claim_recent || status.recent == 0) return snapshot;

  // What comes after the snapshot is left to the next session.
  const Uid seen = status.uid_next;
  Uid first_recent = seen;
  auto claimed = impl_->account->change([&](store::Change& change) -> Result<void> {
    auto row = store::load_selectable(change.db, impl_->id);
    if (!row) return row.error();
    if (row->first_recent_uid >= seen) return {};  // another session was faster
    first_recent = row->first_recent_uid;
    row->first_recent_uid = seen;
    row->recent = 0;
    const UidSet later = UidSet::of(seen, UINT32_MAX);
    sqlite::MessageCursor messages(change.db, impl_->id, later);
    while (messages.next()) ++row->recent;
    if (!messages.ok()) return messages.error();
    return sqlite::save_mailbox(change.db, *row);
  });
  if (claimed) {
    snapshot->first_recent = first_recent;
  } else if (claimed.error().code != Errc::unavailable && claimed.error().code != Errc::in_use) {
    return claimed.error();  // but a full disk must not keep anyone from reading
  }
  status.recent = snapshot->uids.size() - snapshot->uids.count_through(snapshot->first_recent - 1);
  return snapshot;
}

UidList Mailbox::share(UidValidity uid_validity, ModSeq modseq, const UidList& uids) const {
  return impl_->account->store->lists.share(impl_->account->id, impl_->id, {uid_validity, modseq, uids});
}

Result<std::vector<Uid>> Mailbox::uids() const {
  const auto known = impl_->account->store->lists.find(impl_->account->id, impl_->id);
  return impl_->account->read([&](sqlite::Connection& db) -> Result<std::vector<Uid>> {
    auto row = store::load_selectable(db, impl_->id);
    if (!row) return row.error();
    auto list = list_uids(db, *row, known);
    if (!list) return list.error();
    std::vector<Uid> uids;
    uids.reserve(list->size());
    const UidSet set = list->to_set();
    for (const UidRange& range : set.ranges()) {
      for (Uid uid = range.first; uid <= range.last; ++uid) uids.push_back(uid);
    }
    return uids;
  });
}

}  // namespace postfach
