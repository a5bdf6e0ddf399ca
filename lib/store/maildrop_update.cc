// A POP3 session's view of an account, and what it does to it at its end.
#include <algorithm>

#include "maildrop_work.h"
#include "names.h"
#include "postfach/account.h"
#include "sqlite/expunge_log.h"
#include "sqlite/maildrop_tables.h"
#include "store_impl.h"

namespace postfach {
namespace store {
namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::int64_t kNever = INT64_MAX;

// The mailbox that deleted messages go to; made if there is none.
Result<sqlite::MailboxRow> find_trash(Change& change, const StoreOptions& options) {
  auto row = sqlite::find_special_use(change.db, SpecialUse::trash);
  if (row && row->selectable) return row;
  if (!row && row.error().code != Errc::not_found) return row;
  std::string name = "Trash";
  for (const DefaultMailbox& mailbox : options.default_mailboxes) {
    if (mailbox.use == SpecialUse::trash) name = mailbox.name;
  }
  auto canonical = canonical_name(name);
  if (!canonical) return canonical.error();
  row = sqlite::find_mailbox(change.db, *canonical);
  if (row && row->selectable) return row;
  if (!row && row.error().code != Errc::not_found) return row;
  if (row) {
    if (auto done = sqlite::delete_mailbox(change.db, row->id); !done) return done.error();
  }
  if (auto done = sqlite::insert_subscription(change.db, *canonical); !done) return done.error();
  return make_mailbox(change, *canonical, SpecialUse::trash,
                      change.account.quota_mailboxes.value_or(options.max_mailboxes));
}

// Returns how many messages did not have the flag.
Result<std::uint64_t> set_seen(Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids) {
  UidSet unseen;
  sqlite::MessageEditor messages(change.db, mailbox.id, uids);
  while (messages.next()) {
    if (messages.row().flags().has(Flag::seen)) continue;
    auto modseq = change.take_modseq();
    if (!modseq) return modseq.error();
    sqlite::MessageRow row = messages.row();
    row.flag_bits |= Flags(Flag::seen).bits();
    row.modseq = *modseq;
    messages.replace(row);
    unseen.add(row.uid);
  }
  if (!messages.ok()) return messages.error();
  const std::uint64_t count = unseen.count();
  if (count == 0) return count;
  mailbox.unseen -= static_cast<std::uint32_t>(count);
  change.mark_flags_changed(mailbox, std::move(unseen));
  if (auto saved = sqlite::save_mailbox(change.db, mailbox); !saved) return saved.error();
  return count;
}

sqlite::Removal removal_of(OnDelete on_delete) noexcept {
  if (on_delete == OnDelete::hide) return sqlite::Removal::hide;
  return on_delete == OnDelete::trash ? sqlite::Removal::trash : sqlite::Removal::expunge;
}

Result<void> delete_by_policy(Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids,
                              const MaildropPolicy& policy, const StoreOptions& options) {
  switch (policy.on_delete) {
    case OnDelete::expunge:
      return expunge_messages(change, mailbox, uids);
    case OnDelete::trash:
      return move_to_trash(change, mailbox, uids, options);
    case OnDelete::hide:
      // What is hidden has been deleted: the server does not do it once more.
      if (auto done = sqlite::delete_removals(change.db, mailbox.id, uids); !done) return done;
      return sqlite::hide_messages(change.db, mailbox.id, uids);
    case OnDelete::keep:
      if (auto done = sqlite::hide_messages(change.db, mailbox.id, uids); !done) return done;
      return sqlite::insert_removals(change.db, mailbox.id, uids, change.now + policy.keep_days * kDay,
                                     sqlite::Removal::expunge, false);
  }
  return {};
}

// When the server deletes what was retrieved now, unless it is at once.
std::int64_t expiry(const MaildropPolicy& policy, std::int64_t now) noexcept {
  if (policy.expire_days.value_or(0) == 0) return kNever;
  const std::int64_t kept = policy.on_delete == OnDelete::keep ? policy.keep_days * kDay : 0;
  return now + *policy.expire_days * kDay + kept;
}

Result<UidSet> existing(sqlite::Connection& db, MailboxId mailbox, const UidSet& uids) {
  if (uids.empty()) return UidSet();
  auto messages = read_messages(db, mailbox, uids);
  if (!messages) return messages.error();
  return uids_of(*messages);
}

Result<void> update(Change& change, const MaildropUpdate& update, const MaildropPolicy& policy,
                    const StoreOptions& options, MaildropUpdated& updated) {
  auto mailbox = load_selectable(change.db, update.mailbox.id());
  if (!mailbox) return mailbox.error().code == Errc::not_found ? Result<void>() : mailbox.error();
  auto retrieved = existing(change.db, mailbox->id, update.retrieved);
  if (!retrieved) return retrieved.error();
  auto deleted = existing(change.db, mailbox->id, update.deleted);
  if (!deleted) return deleted.error();
  // RFC 2449 §6.7: "the server MAY assume an implicit DELE".
  if (policy.expire_days == 0U) deleted->add(*retrieved);
  const UidSet left = retrieved->minus(*deleted);
  if (policy.retr_sets_seen) {
    auto seen = set_seen(change, *mailbox, policy.on_delete == OnDelete::expunge ? left : *retrieved);
    if (!seen) return seen.error();
    updated.seen += *seen;
  }
  if (const auto due = expiry(policy, change.now); due != kNever && !left.empty()) {
    auto done = sqlite::insert_removals(change.db, mailbox->id, left, due, removal_of(policy.on_delete), true);
    if (!done) return done;
  }
  if (deleted->empty()) return {};
  updated.deleted += deleted->count();
  return delete_by_policy(change, *mailbox, *deleted, policy, options);
}

}  // namespace

Result<void> expunge_messages(Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids) {
  auto messages = read_messages(change.db, mailbox.id, uids);
  if (!messages) return messages.error();
  if (messages->empty()) return {};
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  if (auto removed = remove_messages(change, mailbox, *messages); !removed) return removed;
  if (auto logged = sqlite::log_expunge(change.db, mailbox, *modseq, uids_of(*messages)); !logged) return logged;
  mailbox.highest_modseq = *modseq;
  change.touched.push_back(mailbox.id);
  return sqlite::save_mailbox(change.db, mailbox);
}

Result<void> move_to_trash(Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids,
                           const StoreOptions& options) {
  auto trash = find_trash(change, options);
  if (!trash) return trash.error();
  if (trash->id == mailbox.id) return expunge_messages(change, mailbox, uids);
  if (auto done = sqlite::hide_messages(change.db, mailbox.id, uids); !done) return done;
  auto moved = transfer(change, mailbox, *trash, uids, true);
  return moved ? Result<void>() : moved.error();
}

}  // namespace store

Result<std::vector<MaildropPart>> Account::maildrop(const MaildropPolicy& policy) const {
  struct Floor {
    MailboxId mailbox{};
    Uid uid = 0;
  };
  std::vector<MaildropPart> parts;
  std::vector<Floor> rising;
  std::optional<std::int64_t> due;
  const std::int64_t now = impl_->store->clock();
  auto done = impl_->read([&](sqlite::Connection& db) -> Result<void> {
    for (const std::string& name : policy.mailboxes) {
      auto canonical = store::canonical_name(name);
      if (!canonical) return canonical.error();
      auto row = sqlite::find_mailbox(db, *canonical);
      if (!row && row.error().code != Errc::not_found) return row.error();
      if (!row || !row->selectable) continue;
      MaildropPart part{Mailbox(std::make_shared<const Mailbox::Impl>(Mailbox::Impl{impl_, row->id})), 1,
                        row->uid_next};
      if (policy.days > 0) part.not_before = now - policy.days * store::kDay;
      if (policy.newest > 0) {
        auto floor = sqlite::load_floor(db, row->id, policy.newest);
        if (!floor) return floor.error();
        auto first = sqlite::first_of_newest(db, row->id, policy.newest);
        if (!first) return first.error();
        part.first = std::max({Uid{1}, *floor, *first});
        if (*first > std::max(Uid{1}, *floor)) rising.push_back({row->id, *first});
      }
      parts.push_back(std::move(part));
    }
    auto next = sqlite::next_removal(db);
    if (!next) return next.error();
    due = *next;
    return {};
  });
  if (!done) return done.error();
  if (!rising.empty()) {
    done = impl_->change([&](store::Change& change) -> Result<void> {
      for (const Floor& floor : rising) {
        auto exists = sqlite::load_mailbox(change.db, floor.mailbox);
        if (!exists) continue;
        auto before = sqlite::load_floor(change.db, floor.mailbox, policy.newest);
        if (!before) return before.error();
        if (*before >= floor.uid) continue;
        if (auto saved = sqlite::save_floor(change.db, floor.mailbox, policy.newest, floor.uid); !saved) return saved;
      }
      return {};
    });
    if (!done) return done.error();
  }
  // The account may have come from a backup, or from another store.
  if (due) {
    if (auto announced = store::announce_removal(*impl_->store, impl_->id, *due); !announced) return announced.error();
  }
  return parts;
}

Result<MaildropUpdated> Account::update_maildrop(const MaildropPolicy& policy,
                                                 const std::vector<MaildropUpdate>& updates) const {
  if (auto checked = store::check_policy(policy); !checked) return checked.error();
  bool any_deleted = false;
  bool any_retrieved = false;
  for (const MaildropUpdate& update : updates) {
    const Impl& owner = *update.mailbox.account().impl_;
    if (owner.id != impl_->id || owner.store != impl_->store) {
      return Error{Errc::invalid_argument, "the mailbox belongs to another account"};
    }
    any_deleted = any_deleted || !update.deleted.empty();
    any_retrieved = any_retrieved || !update.retrieved.empty();
  }
  MaildropUpdated updated;
  if (!any_deleted && !(any_retrieved && (policy.retr_sets_seen || policy.expire_days))) return updated;
  // First what leads to the removals, then the removals (see table maildrop_due).
  const std::int64_t now = impl_->store->clock();
  std::int64_t due = any_retrieved ? store::expiry(policy, now) : store::kNever;
  if (policy.on_delete == OnDelete::keep && (any_deleted || policy.expire_days == 0U)) {
    due = std::min(due, now + policy.keep_days * store::kDay);
  }
  if (due != store::kNever) {
    if (auto announced = store::announce_removal(*impl_->store, impl_->id, due); !announced) return announced.error();
  }
  auto done = impl_->change([&](store::Change& change) -> Result<void> {
    updated = {};
    for (const MaildropUpdate& update : updates) {
      auto result = store::update(change, update, policy, impl_->store->options, updated);
      if (!result) return result;
    }
    return {};
  });
  if (!done) return done.error();
  return updated;
}

Result<std::uint64_t> Account::reset_maildrop() const {
  std::uint64_t shown = 0;
  auto done = impl_->change([&](store::Change& change) -> Result<void> {
    auto count = sqlite::show_all_messages(change.db);
    if (!count) return count.error();
    shown = *count;
    if (auto deleted = sqlite::delete_all_removals(change.db); !deleted) return deleted;
    return sqlite::delete_all_floors(change.db);
  });
  if (!done) return done.error();
  return shown;
}

}  // namespace postfach
