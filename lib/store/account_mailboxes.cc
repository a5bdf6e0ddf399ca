// The mailboxes of an account: create, remove, rename, subscribe.
#include <algorithm>

#include "names.h"
#include "postfach/account.h"
#include "sqlite/feed_log.h"
#include "sqlite/removed.h"
#include "store_impl.h"

namespace postfach {
namespace {

using store::Change;

std::uint64_t most_mailboxes(const Change& change, const Store::Impl& store) noexcept {
  return change.account.quota_mailboxes.value_or(store.options.max_mailboxes);
}

Result<void> remove_contents(Change& change, sqlite::MailboxRow& row) {
  auto messages = store::read_messages(change.db, row.id, UidSet::all());
  if (!messages) return messages.error();
  if (auto done = store::remove_messages(change, row, *messages); !done) return done;
  if (auto done = sqlite::update_removed_mailbox(change.db, row); !done) return done;
  return sqlite::delete_mailbox(change.db, row.id);
}

// RFC 9051 §6.3.5: a name that is kept for its children. A row of its own: handles to the old one find nothing.
Result<void> keep_name(Change& change, const sqlite::MailboxRow& old) {
  sqlite::MailboxRow row;
  row.name = old.name;
  row.selectable = false;
  row.uid_validity = old.uid_validity;
  row.highest_modseq = change.modseq;
  return sqlite::insert_mailbox(change.db, row);
}

// RFC 9051 §6.3.6: INBOX stays and its messages move.
Result<void> rename_inbox(Change& change, sqlite::MailboxRow inbox, std::string_view to, std::uint64_t most) {
  auto target = store::make_mailbox(change, to, SpecialUse::none, most);
  if (!target) return target.error();
  auto moved = store::transfer(change, inbox, *target, UidSet::all(), true);
  if (!moved) return moved.error();
  return {};
}

Result<void> rename_tree(Change& change, std::string_view from, std::string_view to, std::uint64_t most) {
  if (const std::string_view parent = store::parent_of(to); !parent.empty()) {
    auto existing = sqlite::find_mailbox(change.db, parent);
    if (!existing && existing.error().code != Errc::not_found) return existing.error();
    if (!existing) {
      if (auto made = store::make_mailbox(change, parent, SpecialUse::none, most); !made) return made.error();
    }
  }
  auto rows = sqlite::list_mailboxes(change.db, from);
  if (!rows) return rows.error();
  for (sqlite::MailboxRow& row : *rows) {
    auto name = store::canonical_name(std::string(to) + row.name.substr(from.size()));
    if (!name) return name.error();
    if (auto logged = sqlite::log_rename(change.db, row.id, change.modseq, row.name); !logged) return logged;
    if (auto renamed = sqlite::rename_mailbox(change.db, row.id, *name); !renamed) return renamed;
    change.touched.push_back(row.id);
  }
  return {};
}

}  // namespace

Result<Mailbox> Account::create_mailbox(std::string_view name, SpecialUse use) const {
  auto canonical = store::canonical_name(store::without_trailing_separator(name));
  if (!canonical) return canonical.error();
  MailboxId id{};
  auto done = impl_->change([&](Change& change) -> Result<void> {
    auto existing = sqlite::find_mailbox(change.db, *canonical);
    if (existing && existing->selectable) return Error{Errc::already_exists, "the mailbox exists: " + *canonical};
    if (!existing && existing.error().code != Errc::not_found) return existing.error();
    if (existing) {
      if (auto removed = sqlite::delete_mailbox(change.db, existing->id); !removed) return removed;
    }
    auto row = store::make_mailbox(change, *canonical, use, most_mailboxes(change, *impl_->store));
    if (!row) return row.error();
    id = row->id;
    return {};
  });
  if (!done) return done.error();
  return Mailbox(std::make_shared<const Mailbox::Impl>(Mailbox::Impl{impl_, id}));
}

Result<void> Account::set_special_use(std::string_view name, SpecialUse use) const {
  auto canonical = store::canonical_name(name);
  if (!canonical) return Error{Errc::not_found, "no such mailbox: " + canonical.error().message};
  if (*canonical == store::kInbox) return Error{Errc::not_permitted, "INBOX has a use of its own"};
  return impl_->change([&](Change& change) -> Result<void> {
    auto row = sqlite::find_mailbox(change.db, *canonical);
    if (!row) return row.error();
    if (!row->selectable) return Error{Errc::not_found, "the name has no mailbox"};
    if (row->special_use == use) return {};
    if (auto modseq = change.take_modseq(); !modseq) return modseq.error();
    if (use != SpecialUse::none) {
      auto other = sqlite::find_special_use(change.db, use);
      if (!other && other.error().code != Errc::not_found) return other.error();
      if (other) {
        other->special_use = SpecialUse::none;
        if (auto saved = sqlite::save_mailbox(change.db, *other); !saved) return saved;
        change.touched.push_back(other->id);
      }
    }
    row->special_use = use;
    change.touched.push_back(row->id);
    return sqlite::save_mailbox(change.db, *row);
  });
}

Result<void> Account::remove_mailbox(std::string_view name) const {
  auto canonical = store::canonical_name(name);
  if (!canonical) return Error{Errc::not_found, "no such mailbox: " + canonical.error().message};
  if (*canonical == store::kInbox) return Error{Errc::not_permitted, "INBOX can't be removed"};
  return impl_->change([&](Change& change) -> Result<void> {
    auto tree = sqlite::list_mailboxes(change.db, *canonical);
    if (!tree) return tree.error();
    const auto row = std::find_if(tree->begin(), tree->end(),
                                  [&](const sqlite::MailboxRow& each) { return each.name == *canonical; });
    if (row == tree->end()) return Error{Errc::not_found, "no such mailbox"};
    const bool has_children = tree->size() > 1;
    if (has_children && !row->selectable) return Error{Errc::not_permitted, "the name is kept for its children"};
    if (auto modseq = change.take_modseq(); !modseq) return modseq.error();
    change.touched.push_back(row->id);
    if (auto removed = remove_contents(change, *row); !removed) return removed;
    return has_children ? keep_name(change, *row) : Result<void>();
  });
}

Result<void> Account::rename_mailbox(std::string_view from, std::string_view to) const {
  auto old_name = store::canonical_name(from);
  if (!old_name) return Error{Errc::not_found, "no such mailbox: " + old_name.error().message};
  auto new_name = store::canonical_name(store::without_trailing_separator(to));
  if (!new_name) return new_name.error();
  return impl_->change([&](Change& change) -> Result<void> {
    auto row = sqlite::find_mailbox(change.db, *old_name);
    if (!row) return row.error();
    auto existing = sqlite::find_mailbox(change.db, *new_name);
    if (existing) return Error{Errc::already_exists, "the mailbox exists: " + *new_name};
    if (existing.error().code != Errc::not_found) return existing.error();
    if (auto modseq = change.take_modseq(); !modseq) return modseq.error();
    const std::uint64_t most = most_mailboxes(change, *impl_->store);
    if (*old_name == store::kInbox) return rename_inbox(change, std::move(*row), *new_name, most);
    if (store::is_below(*new_name, *old_name)) return Error{Errc::not_permitted, "a mailbox can't lie below itself"};
    return rename_tree(change, *old_name, *new_name, most);
  });
}

Result<void> Account::subscribe(std::string_view name) const {
  auto canonical = store::canonical_name(store::without_trailing_separator(name));
  if (!canonical) return canonical.error();
  return impl_->change([&](Change& change) -> Result<void> {
    if (auto done = sqlite::insert_subscription(change.db, *canonical); !done) return done;
    if (change.db.changes() == 0) return {};
    auto count = sqlite::count_subscriptions(change.db);
    if (!count) return count.error();
    // Names need no mailbox, so the number of mailboxes is no bound.
    if (*count > 2 * std::uint64_t{impl_->store->options.max_mailboxes}) {
      return Error{Errc::limit, "the account has too many subscriptions"};
    }
    auto modseq = change.take_modseq();
    return modseq ? Result<void>() : modseq.error();
  });
}

Result<void> Account::unsubscribe(std::string_view name) const {
  auto canonical = store::canonical_name(store::without_trailing_separator(name));
  if (!canonical) return {};  // no such name can be subscribed
  return impl_->change([&](Change& change) -> Result<void> {
    if (auto done = sqlite::delete_subscription(change.db, *canonical); !done) return done;
    if (change.db.changes() == 0) return {};
    auto modseq = change.take_modseq();
    return modseq ? Result<void>() : modseq.error();
  });
}

}  // namespace postfach
