// Mailbox::replace: one message comes, another goes, in one transaction.
#include <utility>

#include "append.h"
#include "postfach/account.h"
#include "postfach/mailbox.h"
#include "spool.h"
#include "sqlite/expunge_log.h"
#include "sqlite/feed_log.h"
#include "sqlite/keywords.h"

namespace postfach {
namespace {

Result<Replaced> replace(store::Change& change, sqlite::MailboxRow& source, sqlite::MailboxRow& target, Uid uid,
                         const NewMessage& message) {
  Replaced replaced;
  replaced.appended.uid_validity = target.uid_validity;
  auto old = store::read_messages(change.db, source.id, UidSet::of(uid, uid));
  if (!old) return old.error();
  if (old->empty()) return replaced;
  const Usage added{message.content.size(), 1};
  const Usage removed{old->front().size, 1};
  if (auto fits = change.check_quota(added, removed); !fits) return fits.error();
  if (auto fits = store::Change::check_quota(target, added, &source == &target ? removed : Usage()); !fits) {
    return fits.error();
  }
  if (auto fits = change.check_size(message.content.size()); !fits) return fits.error();
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  auto new_uid = store::take_uids(change, target, 1);
  if (!new_uid) return new_uid.error();
  auto names = sqlite::load_keywords(change.db, target.id);
  if (!names) return names.error();

  // The old one first, so that the usage never exceeds the quota.
  if (auto done = store::remove_messages(change, source, *old); !done) return done.error();
  if (auto done = sqlite::log_expunge(change.db, source, *modseq, store::uids_of(*old)); !done) return done.error();
  source.highest_modseq = *modseq;
  if (auto done = store::insert(change, target, *names, message, *new_uid, *modseq); !done) {
    return done.error();
  }
  target.highest_modseq = *modseq;
  if (auto saved = sqlite::save_mailbox(change.db, target); !saved) return saved.error();
  change.touched.push_back(target.id);
  if (&source != &target) {
    if (auto saved = sqlite::save_mailbox(change.db, source); !saved) return saved.error();
    change.touched.push_back(source.id);
  }
  replaced.appended.uids.push_back(*new_uid);
  replaced.modseq = *modseq;
  return replaced;
}

}  // namespace

Result<Replaced> Mailbox::replace(Uid uid, const Mailbox& target, NewMessage message) const {
  const auto& account = impl_->account;
  if (target.impl_->account->id != account->id || target.impl_->account->store != account->store) {
    return Error{Errc::invalid_argument, "the mailboxes belong to different accounts"};
  }
  if (auto prepared = store::prepare(message, *account); !prepared) return prepared.error();

  Replaced replaced;
  bool is_stored = false;
  auto done = account->change([&](store::Change& change) -> Result<void> {
    auto from = store::load_selectable(change.db, impl_->id);
    if (!from) return from.error();
    auto to = store::load_selectable(change.db, target.impl_->id);
    if (!to) return to.error();
    auto result = postfach::replace(change, *from, impl_->id == target.impl_->id ? *from : *to, uid, message);
    if (!result) return result.error();
    replaced = std::move(*result);
    is_stored = !replaced.appended.uids.empty();
    return {};
  });
  if (!done && done.error().code == Errc::over_quota) is_stored = false;
  // As append() does: after a COMMIT that failed the file stays, and a sweep decides.
  if (is_stored) message.content.impl().keep_file();
  if (!done) return done.error();
  return replaced;
}

}  // namespace postfach
