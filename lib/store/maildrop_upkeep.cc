// Removals whose time has come.
#include <algorithm>

#include "maildrop_work.h"
#include "sqlite/directory.h"
#include "sqlite/maildrop_tables.h"
#include "store_impl.h"

namespace postfach::store {
namespace {

constexpr std::int64_t kLookEvery = 10;       // seconds between looks at directory.db
constexpr std::int64_t kLookAgain = 60 * 60;  // before an account without removals is forgotten
constexpr std::int64_t kAfterFailure = 10 * 60;
constexpr std::size_t kMostInOneChange = 500;  // some 50 ms

Result<void> remove(Change& change, MailboxId id, sqlite::Removal action, const UidSet& uids,
                    const StoreOptions& options) {
  auto mailbox = load_selectable(change.db, id);
  if (!mailbox) return mailbox.error();
  switch (action) {
    case sqlite::Removal::expunge:
      return expunge_messages(change, *mailbox, uids);
    case sqlite::Removal::trash: {
      auto moved = move_to_trash(change, *mailbox, uids, options);
      // A full Trash is no reason to keep what was to go, nor to delete it for good: it is hidden.
      if (moved || moved.error().code != Errc::over_quota) return moved;
      [[fallthrough]];
    }
    case sqlite::Removal::hide:
      if (auto done = sqlite::hide_messages(change.db, id, uids); !done) return done;
      return sqlite::delete_removals(change.db, id, uids);
  }
  return {};
}

// True if more is due.
Result<bool> remove_some(const Account::Impl& account) {
  bool more = false;
  auto done = account.change([&](Change& change) -> Result<void> {
    auto rows = sqlite::due_removals(change.db, change.now, kMostInOneChange);
    if (!rows) return rows.error();
    more = rows->size() == kMostInOneChange;
    for (auto row = rows->begin(); row != rows->end();) {
      const sqlite::RemovalRow first = *row;
      UidSet uids;
      for (; row != rows->end() && row->mailbox == first.mailbox && row->action == first.action; ++row) {
        uids.add(row->uid);
      }
      if (auto removed = remove(change, first.mailbox, first.action, uids, account.store->options); !removed) {
        return removed;
      }
    }
    return {};
  });
  if (!done) return done.error();
  return more;
}

Result<bool> look(const std::shared_ptr<Store::Impl>& store, const sqlite::DueRow& row,
                  std::chrono::steady_clock::time_point end) {
  auto found =
      store->directory->read([&](sqlite::Connection& db) { return sqlite::load_account_by_id(db, row.account); });
  if (!found) return found.error();
  const Account::Impl account{store, row.account, found->name};
  bool more = true;
  while (more) {
    auto removed = remove_some(account);
    if (!removed) return removed.error();
    more = *removed;
    if (more && std::chrono::steady_clock::now() >= end) return true;
  }
  auto next = account.read([](sqlite::Connection& db) { return sqlite::next_removal(db); });
  if (!next) return next.error();
  auto settled = store->directory->write(
      [&](sqlite::Connection& db) { return sqlite::settle_due(db, row, *next, store->clock() + kLookAgain); });
  if (!settled) return settled.error();
  return false;
}

}  // namespace

Result<void> announce_removal(const Store::Impl& store, AccountId account, std::int64_t due) {
  auto row = store.directory->read([&](sqlite::Connection& db) { return sqlite::find_due(db, account); });
  if (!row) return row.error();
  if (row->has_value() && (*row)->covers(due)) return {};
  return store.directory->write([&](sqlite::Connection& db) { return sqlite::announce_due(db, account, due); });
}

bool do_removals(const Store& handle, std::chrono::steady_clock::time_point end) {
  const std::shared_ptr<Store::Impl>& store = handle.impl();
  const std::unique_lock lock(store->removals_mutex, std::try_to_lock);
  if (!lock.owns_lock()) return false;  // somebody else is at it
  const std::int64_t now = store->clock();
  const std::int64_t looked = store->removals_looked;
  if (now >= looked && now - kLookEvery < looked) return false;
  do {
    auto row = store->directory->read([&](sqlite::Connection& db) { return sqlite::first_due(db, now); });
    if (!row || !row->has_value()) {
      store->removals_looked = now;
      return false;
    }
    auto more = look(store, **row, end);
    if (!more) {
      // A damaged account must not keep the others waiting.
      store->observe(Severity::warning, "removal_failed", {}, more.error().message);
      auto put_off = store->directory->write(
          [&](sqlite::Connection& db) { return sqlite::put_off_due(db, (*row)->account, now + kAfterFailure); });
      if (!put_off) {
        store->removals_looked = now;
        return false;
      }
    }
  } while (std::chrono::steady_clock::now() < end);
  return true;
}

}  // namespace postfach::store
