// What is behind the handles. A store lives as long as any handle into it: every handle holds its Store::Impl.
//
// Invariants of the room:
// - Commit, then ring: doorbells and the observer are called with no lock held, after the change is durable.
// - A file of large/ is complete and synced before the transaction that names it commits, and removed after the one
//   that drops its last name has committed. A crash in between leaves a file without a name, which sweep() finds.
// - Handles hold identifiers, never rows: another process may have changed those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "account_cache.h"
#include "change.h"
#include "hub.h"
#include "logins.h"
#include "maildrops.h"
#include "postfach/store.h"
#include "removed_upkeep.h"
#include "shared_lists.h"
#include "sqlite/data_version.h"
#include "sqlite/database.h"
#include "sqlite/directory.h"
#include "usage_book.h"

namespace postfach {

namespace store {
// Whose an address is.
struct Addressee {
  AccountId account{};
  std::string name;
  bool enabled = true;
  std::string detail;  // of a plus-address
};
}  // namespace store

struct Store::Impl : std::enable_shared_from_this<Store::Impl> {
  Impl(StoreOptions store_options, bool is_temporary);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Errors: not_found if the account does not exist any more; those of OpenAccount::open.
  Result<std::shared_ptr<store::OpenAccount>> open_account(AccountId id) { return accounts.acquire(id); }
  sqlite::ConnectionOptions connection_options(bool create) const noexcept {
    return {.create = create, .durable = !temporary, .busy_timeout_ms = busy_timeout_ms};
  }
  store::AccountLocation locate(AccountId id) const { return store::AccountLocation::of(options.path, id); }
  void observe(Severity severity, std::string_view event, std::string_view account, std::string_view detail) const;

  const StoreOptions options;
  const bool temporary;
  std::unique_ptr<sqlite::Database> directory;
  sqlite::KnownMap<std::string, store::Addressee> addressees{1000};  // by the address that mail came for
  std::unique_ptr<store::UsageBook> usage;
  store::AccountCache accounts;
  store::Hub hub;
  store::Logins logins;
  store::SharedLists lists;
  store::Maildrops maildrops;
  // When removals were last looked for; kept by the one thread that does so.
  std::mutex removals_mutex;
  std::int64_t removals_looked = INT64_MIN;
  store::RemovedUpkeep removed;
  // Remembers that update_search_indexes() has something to do.
  void want_index(AccountId id);

  static constexpr std::size_t kMostWantedIndexes = 1000;
  std::mutex wanted_indexes_mutex;
  std::deque<AccountId> wanted_indexes;  // each once, in their order
  std::function<std::int64_t()> clock;   // seconds since 1970; tests set it back
  int busy_timeout_ms = 10'000;
};

struct Account::Impl {
  std::shared_ptr<Store::Impl> store;
  AccountId id{};
  std::string name;

  // Runs job, a function of sqlite::Connection& that returns a Result, in a read transaction on this thread.
  template <class Job>
  auto read(Job&& job) const -> std::invoke_result_t<Job&, sqlite::Connection&> {
    return read([&job](sqlite::Connection& db, const store::OpenAccount&) { return job(db); });
  }
  // The same for a function of sqlite::Connection& and const store::OpenAccount&.
  template <class Job>
  auto read(Job&& job) const -> std::invoke_result_t<Job&, sqlite::Connection&, const store::OpenAccount&> {
    auto account = store->open_account(id);
    if (!account) return failure(nullptr, account.error());
    const store::OpenAccount& open = **account;
    auto result = open.database->read([&](sqlite::Connection& db) { return job(db, open); });
    if (!result) return failure(account->get(), result.error());
    return result;
  }

  // The account's row; as a rule without a transaction.
  Result<sqlite::AccountRow> row() const;
  // The selectable mailbox of a canonical name; without a transaction if the account was changed there last. Errors:
  // not_found.
  Result<MailboxId> find_mailbox(const std::string& mailbox) const;

  // Runs job in a write transaction, perhaps on another thread and together with those of other writers. When it
  // returns success the change is durable and its doorbells have rung.
  Result<void> change(const std::function<Result<void>(store::Change&)>& job) const;

  // Usage has passed a threshold of StoreOptions::quota_warnings, or come back.
  void warn(const QuotaWarning& warning) const;

  // Tells the observer of what an operator must know; returns the error.
  Error failure(store::OpenAccount* account, Error error) const;
};

struct Mailbox::Impl {
  std::shared_ptr<const Account::Impl> account;
  MailboxId id{};
};

namespace store {

inline Account account_of(const std::shared_ptr<Store::Impl>& store, const sqlite::DirectoryRow& row) {
  return Account(std::make_shared<const Account::Impl>(Account::Impl{store, row.id, row.name}));
}

// Messages from this identifier on have UIDLs that begin with a new random prefix.
Result<void> begin_epoch(sqlite::Connection& db, std::int64_t first_id);

// mailbox: nothing for the whole account.
Subscription watch(const std::shared_ptr<const Account::Impl>& account, std::optional<MailboxId> mailbox,
                   Doorbell doorbell);

// What Mailbox::changes_since() says, within a transaction.
Result<Changes> changes_in(sqlite::Connection& db, const OpenAccount& account, const sqlite::MailboxRow& mailbox,
                           ModSeq since, Uid known_uid_next);

}  // namespace store
}  // namespace postfach
