// Mailbox::changes_since: what a session has to tell its client.
#include <algorithm>
#include <utility>

#include "postfach/mailbox.h"
#include "sqlite/expunge_log.h"
#include "sqlite/messages.h"
#include "store_impl.h"

namespace postfach {
namespace store {
Result<Changes> changes_in(sqlite::Connection& db, const OpenAccount& account, const sqlite::MailboxRow& mailbox,
                           ModSeq since, Uid known_uid_next) {
  Changes changes;
  changes.modseq = mailbox.highest_modseq;
  changes.uid_next = mailbox.uid_next;
  changes.log_complete = since >= mailbox.log_floor;
  if (mailbox.highest_modseq <= since && mailbox.uid_next <= known_uid_next) return changes;

  if (mailbox.uid_next > known_uid_next) {
    const UidSet fresh = UidSet::of(std::max<Uid>(known_uid_next, 1), mailbox.uid_next - 1);
    sqlite::MessageCursor messages(db, mailbox.id, fresh);
    while (messages.next()) changes.added.add(messages.row().uid);
    if (!messages.ok()) return messages.error();
  }
  if (mailbox.expunge_modseq > since && known_uid_next > 1) {
    auto expunged = sqlite::expunged_since(db, mailbox.id, since);
    if (!expunged) return expunged.error();
    changes.vanished = expunged->intersection(UidSet::of(1, known_uid_next - 1));
  }

  // Known messages with a higher MODSEQ: from memory if it reaches back so far, else from all rows.
  std::optional<UidSet> changed = UidSet();
  if (mailbox.flags_modseq > since) {
    changed = changes.log_complete ? account.recent.changed(mailbox.id, since, mailbox.flags_modseq) : std::nullopt;
  }
  if (!changed) {
    auto scanned = sqlite::changed_since(db, mailbox.id, since, known_uid_next);
    if (!scanned) return scanned.error();
    changes.changed = *std::move(scanned);
    return changes;
  }
  if (known_uid_next > 1) {
    changes.changed = changed->intersection(UidSet::of(1, known_uid_next - 1)).minus(changes.vanished);
  }
  auto came = sqlite::came_since(db, mailbox.id, since, known_uid_next, changes.changed);
  if (!came) return came.error();
  changes.changed.add(*came);
  return changes;
}

}  // namespace store

Result<Changes> Mailbox::changes_since(ModSeq since, Uid known_uid_next) const {
  return impl_->account->read([&](sqlite::Connection& db, const store::OpenAccount& account) -> Result<Changes> {
    auto mailbox = store::load_selectable(db, impl_->id);
    if (!mailbox) return mailbox.error();
    return store::changes_in(db, account, *mailbox, since, known_uid_next);
  });
}

}  // namespace postfach
