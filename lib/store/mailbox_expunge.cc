// Mailbox::expunge and Mailbox::remove.
#include "postfach/mailbox.h"
#include "sqlite/expunge_log.h"
#include "store_impl.h"

namespace postfach {
namespace {

Result<Expunged> expunge(const Mailbox::Impl& impl, const UidSet& uids, bool only_deleted) {
  Expunged expunged;
  auto done = impl.account->change([&](store::Change& change) -> Result<void> {
    auto mailbox = store::load_selectable(change.db, impl.id);
    if (!mailbox) return mailbox.error();
    if (mailbox->messages == 0 || (only_deleted && mailbox->deleted == 0)) return {};
    auto messages = store::read_messages(change.db, impl.id, uids);
    if (!messages) return messages.error();
    if (only_deleted) {
      std::erase_if(*messages, [](const sqlite::MessageRow& row) { return !row.flags().has(Flag::deleted); });
    }
    if (messages->empty()) return {};
    auto modseq = change.take_modseq();
    if (!modseq) return modseq.error();
    if (auto removed = store::remove_messages(change, *mailbox, *messages); !removed) return removed;
    expunged = {*modseq, store::uids_of(*messages)};
    if (auto logged = sqlite::log_expunge(change.db, *mailbox, *modseq, expunged.uids); !logged) return logged;
    mailbox->highest_modseq = *modseq;
    change.touched.push_back(impl.id);
    return sqlite::save_mailbox(change.db, *mailbox);
  });
  if (!done) return done.error();
  return expunged;
}

}  // namespace

Result<Expunged> Mailbox::expunge() const { return postfach::expunge(*impl_, UidSet::all(), true); }
Result<Expunged> Mailbox::expunge(const UidSet& uids) const { return postfach::expunge(*impl_, uids, true); }
Result<Expunged> Mailbox::remove(const UidSet& uids) const { return postfach::expunge(*impl_, uids, false); }

}  // namespace postfach
