// Mailbox::changes_since: what a session has to tell its client.
#include <algorithm>

#include "postfach/mailbox.h"
#include "sqlite/expunge_log.h"
#include "store_impl.h"

namespace postfach {
namespace {

// Known messages with a higher MODSEQ. If no flags have changed since, a higher one can only come from an append, and
// those are the last of the known messages.
Result<UidSet> changed_since(sqlite::Connection& db, const sqlite::MailboxRow& mailbox, ModSeq since, Uid end) {
  UidSet uids;
  if (mailbox.flags_modseq > since) {
    auto rows = db.query(
        "SELECT uid FROM message NOT INDEXED WHERE mailbox_id = ?1 AND uid < ?2 AND modseq > ?3 "
        "ORDER BY uid",
        mailbox.id, end, since);
    while (rows.next()) uids.add(rows.number<Uid>(0));
    if (!rows.ok()) return rows.error();
    return uids;
  }
  auto rows = db.query(
      "SELECT uid, modseq FROM message NOT INDEXED WHERE mailbox_id = ?1 AND uid < ?2 "
      "ORDER BY uid DESC",
      mailbox.id, end);
  std::vector<Uid> found;
  while (rows.next() && rows.number<ModSeq>(1) > since) found.push_back(rows.number<Uid>(0));
  if (!rows.ok()) return rows.error();
  for (auto uid = found.rbegin(); uid != found.rend(); ++uid) uids.add(*uid);
  return uids;
}

}  // namespace

Result<Changes> Mailbox::changes_since(ModSeq since, Uid known_uid_next) const {
  return impl_->account->read([&](sqlite::Connection& db) -> Result<Changes> {
    auto mailbox = store::load_selectable(db, impl_->id);
    if (!mailbox) return mailbox.error();
    Changes changes;
    changes.modseq = mailbox->highest_modseq;
    changes.uid_next = mailbox->uid_next;
    changes.log_complete = since >= mailbox->log_floor;
    if (mailbox->highest_modseq <= since && mailbox->uid_next <= known_uid_next) return changes;

    if (mailbox->uid_next > known_uid_next) {
      const UidSet fresh = UidSet::of(std::max<Uid>(known_uid_next, 1), mailbox->uid_next - 1);
      sqlite::MessageCursor messages(db, impl_->id, fresh);
      while (messages.next()) changes.added.add(messages.row().uid);
      if (!messages.ok()) return messages.error();
    }
    auto changed = changed_since(db, *mailbox, since, known_uid_next);
    if (!changed) return changed.error();
    changes.changed = std::move(*changed);
    if (mailbox->expunge_modseq > since && known_uid_next > 1) {
      auto expunged = sqlite::expunged_since(db, impl_->id, since);
      if (!expunged) return expunged.error();
      changes.vanished = expunged->intersection(UidSet::of(1, known_uid_next - 1));
    }
    return changes;
  });
}

}  // namespace postfach
