// Store: opening, closing, and looking out for other processes.
#include "postfach/store.h"

#include <algorithm>

#include "backup_files.h"
#include "base/files.h"
#include "base/random.h"
#include "base/time.h"
#include "maildrop_work.h"
#include "sqlite/directory.h"
#include "store_impl.h"

namespace postfach {
namespace {

std::string directory_path(const std::string& root) { return base::join_path(root, "directory.db"); }

// Directories of accounts that do not exist: what a crash left of a creation or a removal.
Result<void> sweep(const Store::Impl& store) {
  const std::string root = base::join_path(store.options.path, "accounts");
  auto groups = base::list_directory(root);
  if (!groups) return groups.error().code == Errc::not_found ? Result<void>() : Result<void>(groups.error());
  std::vector<std::string> orphans;
  // In a write transaction, because a creation makes the directory before its row is committed.
  auto done = store.directory->write([&](sqlite::Connection& db) -> Result<void> {
    auto accounts = sqlite::list_accounts(db);
    if (!accounts) return accounts.error();
    std::vector<std::string> known;
    for (const sqlite::DirectoryRow& row : *accounts) known.push_back(store.locate(row.id).directory);
    std::sort(known.begin(), known.end());
    for (const std::string& group : *groups) {
      const std::string folder = base::join_path(root, group);
      auto names = base::list_directory(folder);
      if (!names) return names.error();
      for (const std::string& name : *names) {
        std::string path = base::join_path(folder, name);
        if (std::binary_search(known.begin(), known.end(), path)) continue;
        if (!name.starts_with("removed-")) {
          std::string away = base::join_path(folder, "removed-" + base::random_hex(16));
          if (auto renamed = base::rename_file(path, away); !renamed) return renamed;
          path = std::move(away);
        }
        orphans.push_back(std::move(path));
      }
    }
    return {};
  });
  if (!done) return done;
  for (const std::string& path : orphans) (void)base::remove_directory_tree(path);
  return {};
}

// Made once for each store: what a name that does not exist is answered with must be the same after a restart.
Result<std::string> scram_secret(sqlite::Database& directory) {
  constexpr std::size_t kSize = 32;
  const auto load = [](sqlite::Connection& db) { return sqlite::load_secret(db, "scram"); };
  auto secret = directory.read(load);
  if (secret && !secret->has_value()) {
    const std::string fresh = base::random_octets(kSize);
    auto done = directory.write([&](sqlite::Connection& db) { return sqlite::insert_secret(db, "scram", fresh); });
    if (!done) return done.error();
    secret = directory.read(load);  // another process may have been faster
  }
  if (!secret) return secret.error();
  return secret->value_or(std::string());
}

Result<void> check_options(const StoreOptions& options) {
  const unsigned iterations = options.login.scram_iterations;
  if (iterations != 0 && (iterations < kLeastScramIterations || iterations > kMostScramIterations)) {
    return Error{Errc::invalid_argument, "LoginOptions::scram_iterations is out of range"};
  }
  if (auto checked = store::check_policy(options.maildrop); !checked) return checked;
  if (options.undelete.window < std::chrono::seconds::zero()) {
    return Error{Errc::invalid_argument, "UndeleteOptions::window is negative"};
  }
  for (const unsigned threshold : options.quota_warnings.thresholds) {
    if (threshold < 1 || threshold > 100) {
      return Error{Errc::invalid_argument, "QuotaWarnings::thresholds are 1 to 100 percent"};
    }
  }
  return {};
}

Result<Store> open_store(StoreOptions options, bool temporary) {
  if (auto checked = check_options(options); !checked) return checked.error();
  const std::string database = directory_path(options.path);
  if (!options.create && !base::file_exists(database)) {
    return Error{Errc::not_found, "there is no store at " + options.path};
  }
  auto impl = std::make_shared<Store::Impl>(std::move(options), temporary);
  if (auto made = base::make_directories(base::join_path(impl->options.path, "accounts")); !made) return made.error();
  auto directory = sqlite::Database::open(database, sqlite::kDirectorySchema, impl->connection_options(true));
  if (!directory) return directory.error();
  impl->directory = std::move(*directory);
  if (auto secret = scram_secret(*impl->directory); secret) {
    impl->logins.scram_secret = *std::move(secret);
  } else {
    return secret.error();
  }
  auto usage = store::UsageBook::open(
      impl->options.path, impl->connection_options(true),
      [root = impl->options.path](AccountId id) { return store::AccountLocation::of(root, id); },
      [store = impl.get()](std::string_view event, std::string_view detail) {
        store->observe(Severity::error, event, {}, detail);
      });
  if (!usage) return usage.error();
  impl->usage = *std::move(usage);
  if (auto begun = impl->removed.begin(impl->options.path, impl->options.undelete); !begun) return begun.error();
  if (auto synced = base::sync_directory(impl->options.path); !synced) return synced.error();
  if (auto swept = sweep(*impl); !swept) return swept.error();
  if (auto swept = store::sweep_restores(impl->options.path); !swept) return swept.error();
  return Store(std::move(impl));
}

}  // namespace

Store::Impl::Impl(StoreOptions store_options, bool is_temporary)
    : options(std::move(store_options)),
      temporary(is_temporary),
      accounts(options.open_accounts,
               [this](AccountId id, bool is_first) -> Result<std::shared_ptr<store::OpenAccount>> {
                 auto account = store::OpenAccount::open(locate(id), connection_options(false));
                 if (!account && account.error().code == Errc::not_found) {
                   // An account without its database is damaged; it is never made anew, which would hide the loss.
                   auto row =
                       directory->read([&](sqlite::Connection& db) { return sqlite::load_account_by_id(db, id); });
                   if (!row) return row.error();
                   return Error{Errc::corrupt, "the database of an account is missing: " + locate(id).database};
                 }
                 if (!account || !is_first) return account;
                 if (auto swept = (*account)->sweep(); !swept) {
                   observe(Severity::warning, "sweep_failed", {}, swept.error().message);
                 }
                 return account;
               }),
      logins(options.login),
      clock([] { return base::now().seconds; }) {}

Store::Impl::~Impl() {
  accounts.clear();
  usage.reset();
  directory.reset();
  if (temporary) (void)base::remove_directory_tree(options.path);
}

void Store::Impl::observe(Severity severity, std::string_view event, std::string_view account,
                          std::string_view detail) const {
  if (!options.observer) return;
  options.observer(LogRecord{.severity = severity, .event = event, .account = account, .remote = {}, .detail = detail});
}

Result<Store> Store::open(StoreOptions options) {
  if (options.path.empty()) return Error{Errc::invalid_argument, "a store needs a path"};
  return open_store(std::move(options), false);
}

Result<Store> Store::open_temporary(StoreOptions options) {
  auto path = base::make_temporary_directory();
  if (!path) return path.error();
  options.path = *path;
  options.create = true;
  return open_store(std::move(options), true);
}

const StoreOptions& Store::options() const noexcept { return impl_->options; }

void Store::notice_other_processes() const {
  for (const AccountId id : impl_->hub.watched()) {
    if (!impl_->hub.is_news(id, store::FileSignature::of(impl_->locate(id).database))) continue;
    // The files differ, perhaps only by what this process wrote. The highest MODSEQ tells: every change has one.
    auto account = impl_->open_account(id);
    ModSeq highest = 0;
    ModSeq ours = 0;
    if (account) {
      ours = (*account)->last_modseq;
      auto row = (*account)->database->read([](sqlite::Connection& db) { return sqlite::load_account(db); });
      if (row) highest = row->highest_modseq;
    }
    const bool is_news = impl_->hub.is_news(id, highest);
    if (highest != 0 && highest == ours) continue;
    if (is_news || highest == 0) impl_->hub.ring(id, {}, true);
  }
}

void Store::Impl::want_index(AccountId id) {
  const std::lock_guard lock(wanted_indexes_mutex);
  const bool is_known = std::find(wanted_indexes.begin(), wanted_indexes.end(), id) != wanted_indexes.end();
  if (!is_known && wanted_indexes.size() < kMostWantedIndexes) wanted_indexes.push_back(id);
}

bool Store::update_search_indexes(std::chrono::milliseconds most) const {
  const auto end = std::chrono::steady_clock::now() + most;
  do {
    AccountId id{};
    {
      const std::lock_guard lock(impl_->wanted_indexes_mutex);
      if (impl_->wanted_indexes.empty()) return false;
      id = impl_->wanted_indexes.front();
      impl_->wanted_indexes.pop_front();
    }
    const auto account = impl_->open_account(id);
    if (!account) continue;  // removed meanwhile, or damaged: a search will say so
    const Result<IndexProgress> step =
        (*account)->search_index.update(*(*account)->database, (*account)->location.large, {});
    if (!step) {
      impl_->observe(Severity::warning, "search_index_failed", {}, step.error().message);
    } else if (!step->complete) {
      impl_->want_index(id);                 // behind the others
      if (step->messages == 0) return true;  // somebody else is at it
    }
  } while (std::chrono::steady_clock::now() < end);
  return true;
}

bool Store::do_upkeep(std::chrono::milliseconds most) const {
  const auto end = std::chrono::steady_clock::now() + most;
  const bool has_usage = impl_->usage->upkeep(end);
  const bool has_removals = store::do_removals(*this, end);
  const bool has_removed = impl_->removed.run(*impl_, end);
  const auto left = end - std::chrono::steady_clock::now();
  const bool has_text = update_search_indexes(
      std::max(std::chrono::milliseconds(1), std::chrono::duration_cast<std::chrono::milliseconds>(left)));
  return has_usage || has_removals || has_removed || has_text;
}

}  // namespace postfach
