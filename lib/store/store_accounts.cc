// Store: accounts, names and passwords.
#include <algorithm>

#include "auth/password.h"
#include "auth/scram.h"
#include "base/files.h"
#include "base/random.h"
#include "logins.h"
#include "names.h"
#include "postfach/store.h"
#include "sqlite/directory.h"
#include "sqlite/uidls.h"
#include "store_impl.h"

namespace postfach {
namespace {

using sqlite::IdentityKind;

Result<sqlite::DirectoryRow> find(const Store::Impl& store, std::string_view name, IdentityKind kind) {
  return store.directory->read([&](sqlite::Connection& db) { return sqlite::find_account(db, name, kind); });
}

// Runs job with the account of the name inside one write transaction.
template <class Job>
Result<void> change_account(const Store::Impl& store, std::string_view name, Job job) {
  return store.directory->write([&](sqlite::Connection& db) -> Result<void> {
    auto row = sqlite::find_account(db, name, IdentityKind::any);
    if (!row) return row.error();
    return job(db, *row);
  });
}

Result<void> check_hash(std::string_view hash) {
  if (auth::is_password_hash(hash)) return {};
  return Error{Errc::invalid_argument, "the password hash is of no known format"};
}

// What is stored of a password.
struct Stored {
  std::string hash;  // empty: nobody can log in
  std::optional<std::string> scram_keys = {};
};

Result<Stored> stored_form(std::string_view password, const StoreOptions& options) {
  auto hash = auth::hash_password(auth::prepare_password(password), options.password_cost);
  if (!hash) return hash.error();
  return Stored{*std::move(hash), store::make_scram_text(password, options.login.scram_iterations)};
}

Result<Stored> stored_form(const AccountOptions& account, const StoreOptions& options) {
  if (account.password && account.password_hash) {
    return Error{Errc::invalid_argument, "a password and a password hash were given"};
  }
  if (account.password) return stored_form(*account.password, options);
  if (!account.password_hash) return Stored{};
  if (auto checked = check_hash(*account.password_hash); !checked) return checked.error();
  return Stored{*account.password_hash};
}

Result<void> store_password(const Store::Impl& store, std::string_view name, const Stored& stored) {
  return change_account(store, name, [&](sqlite::Connection& db, const sqlite::DirectoryRow& row) {
    return sqlite::set_account_password(db, row.id, stored.hash, stored.scram_keys);
  });
}

// The first transaction on a new mail.db.
Result<void> fill(sqlite::Connection& db, std::int64_t now, const Quota& quota,
                  const std::vector<DefaultMailbox>& mailboxes, std::uint32_t most) {
  auto row = sqlite::load_account(db);
  if (!row) return row.error();
  store::Change change{.db = db, .account = *row, .now = now};
  change.set_quota(quota);
  if (auto done = store::begin_epoch(db, 1); !done) return done;
  const auto make = [&](std::string_view name, SpecialUse use) -> Result<void> {
    auto canonical = store::canonical_name(name);
    if (!canonical) return canonical.error();
    if (sqlite::find_mailbox(db, *canonical)) return {};
    if (auto made = store::make_mailbox(change, *canonical, use, most); !made) return made.error();
    return sqlite::insert_subscription(db, *canonical);
  };
  if (auto made = make(store::kInbox, SpecialUse::none); !made) return made;
  for (const DefaultMailbox& mailbox : mailboxes) {
    if (auto made = make(mailbox.name, mailbox.use); !made) return made;
  }
  return sqlite::save_account(db, change.account);
}

Result<void> make_files(const store::AccountLocation& location, const sqlite::ConnectionOptions& options,
                        const sqlite::Database::Job& fill_database) {
  // An orphan of a creation that was never committed may have the number.
  if (auto removed = base::remove_directory_tree(location.directory); !removed) return removed;
  if (auto made = base::make_directories(location.large); !made) return made;
  {
    auto database = sqlite::Database::open(location.database, sqlite::kMailSchema, options);
    if (!database) return database.error();
    if (auto filled = (*database)->write(fill_database); !filled) return filled;
  }
  return base::sync_directory(location.directory);
}

}  // namespace

Result<Account> Store::create_account(std::string_view name, AccountOptions options) const {
  if (auto checked = store::check_identity(name); !checked) return checked.error();
  for (const auto* names : {&options.logins, &options.addresses}) {
    for (const std::string& each : *names) {
      if (auto checked = store::check_identity(each); !checked) return checked.error();
    }
  }
  if (auto checked = store::check_limits(options.quota); !checked) return checked.error();
  auto stored = stored_form(options, impl_->options);
  if (!stored) return stored.error();
  const auto& mailboxes = options.mailboxes ? *options.mailboxes : impl_->options.default_mailboxes;

  sqlite::DirectoryRow row;
  row.name = name;
  auto done = impl_->directory->write([&](sqlite::Connection& db) -> Result<void> {
    const std::int64_t now = impl_->clock();
    auto id = sqlite::insert_account(db, name, stored->hash, stored->scram_keys, now);
    if (!id) return id.error();
    row.id = *id;
    for (const std::string& login : options.logins) {
      if (auto added = sqlite::insert_identity(db, *id, login, IdentityKind::login); !added) return added;
    }
    for (const std::string& address : options.addresses) {
      if (auto added = sqlite::insert_identity(db, *id, address, IdentityKind::address); !added) return added;
    }
    return make_files(impl_->locate(*id), impl_->connection_options(true), [&](sqlite::Connection& mail) {
      return fill(mail, now, options.quota, mailboxes, impl_->options.max_mailboxes);
    });
  });
  if (!done) return done.error();
  impl_->usage->enroll(row.id, row.name, options.quota);
  impl_->observe(Severity::info, "account_created", name, {});
  return store::account_of(impl_, row);
}

Result<Account> Store::account(std::string_view name) const {
  auto row = find(*impl_, name, IdentityKind::any);
  if (!row) return row.error();
  return store::account_of(impl_, *row);
}

Result<Account> Store::account_for_address(std::string_view address) const {
  auto row = find(*impl_, address, IdentityKind::address);
  if (!row) return row.error();
  return store::account_of(impl_, *row);
}

Result<std::vector<AccountInfo>> Store::accounts() const {
  return impl_->directory->read([](sqlite::Connection& db) -> Result<std::vector<AccountInfo>> {
    auto rows = sqlite::list_accounts(db);
    if (!rows) return rows.error();
    std::vector<AccountInfo> list;
    list.reserve(rows->size());
    for (sqlite::DirectoryRow& row : *rows) {
      auto logins = sqlite::list_identities(db, row.id, IdentityKind::login);
      if (!logins) return logins.error();
      auto addresses = sqlite::list_identities(db, row.id, IdentityKind::address);
      if (!addresses) return addresses.error();
      list.push_back({row.id, std::move(row.name), row.enabled, std::move(*logins), std::move(*addresses)});
    }
    return list;
  });
}

Result<void> Store::remove_account(std::string_view name) const {
  sqlite::DirectoryRow account;
  auto done = change_account(*impl_, name, [&](sqlite::Connection& db, sqlite::DirectoryRow& row) {
    account = row;
    return sqlite::delete_account(db, row.id);
  });
  if (!done) return done;
  // From here on nobody finds the account; whatever fails now is done by the sweep at the next open.
  const std::string directory = impl_->locate(account.id).directory;
  const std::string away = directory.substr(0, directory.rfind('/') + 1) + "removed-" + base::random_hex(16);
  if (base::rename_file(directory, away)) (void)base::remove_directory_tree(away);
  impl_->accounts.drop(account.id);
  impl_->usage->remove(account.id);
  impl_->hub.ring(account.id, {}, true);
  impl_->observe(Severity::info, "account_removed", account.name, {});
  return {};
}

Result<void> Store::set_password(std::string_view name, std::string_view password) const {
  auto stored = stored_form(password, impl_->options);
  if (!stored) return stored.error();
  return store_password(*impl_, name, *stored);
}

Result<void> Store::set_password_hash(std::string_view name, std::string_view hash) const {
  if (auto checked = check_hash(hash); !checked) return checked;
  return store_password(*impl_, name, {std::string(hash)});
}

Result<void> Store::set_enabled(std::string_view name, bool enabled) const {
  return change_account(*impl_, name, [&](sqlite::Connection& db, const sqlite::DirectoryRow& row) {
    return sqlite::set_account_enabled(db, row.id, enabled);
  });
}

Result<void> Store::add_login(std::string_view name, std::string_view login) const {
  if (auto checked = store::check_identity(login); !checked) return checked;
  return change_account(*impl_, name, [&](sqlite::Connection& db, const sqlite::DirectoryRow& row) {
    return sqlite::insert_identity(db, row.id, login, IdentityKind::login);
  });
}

Result<void> Store::add_address(std::string_view name, std::string_view address) const {
  if (auto checked = store::check_identity(address); !checked) return checked;
  return change_account(*impl_, name, [&](sqlite::Connection& db, const sqlite::DirectoryRow& row) {
    return sqlite::insert_identity(db, row.id, address, IdentityKind::address);
  });
}

Result<void> Store::remove_login(std::string_view name, std::string_view login) const {
  return change_account(*impl_, name, [&](sqlite::Connection& db, const sqlite::DirectoryRow& row) {
    return sqlite::delete_identity(db, row.id, login, IdentityKind::login);
  });
}

Result<void> Store::remove_address(std::string_view name, std::string_view address) const {
  return change_account(*impl_, name, [&](sqlite::Connection& db, const sqlite::DirectoryRow& row) {
    return sqlite::delete_identity(db, row.id, address, IdentityKind::address);
  });
}

}  // namespace postfach
