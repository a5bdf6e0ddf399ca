#include "removed_upkeep.h"

#include <optional>
#include <vector>

#include "base/files.h"
#include "removed.h"
#include "sqlite/directory.h"
#include "sqlite/removed.h"
#include "store_impl.h"

namespace postfach::store {
namespace {

constexpr std::chrono::hours kBetweenWalks{24};
constexpr std::size_t kListedTogether = 100;

// Without opening the account: nobody else may want it.
Result<std::optional<std::int64_t>> oldest_removal(const Store::Impl& store, AccountId id) {
  sqlite::ConnectionOptions options = store.connection_options(false);
  options.read_only = true;
  options.mmap_size = 0;
  auto connection = sqlite::Connection::open(store.locate(id).database, options);
  if (!connection) return connection.error();
  return sqlite::oldest_removal(**connection);
}

}  // namespace

Result<void> RemovedUpkeep::begin(const std::string& root, const UndeleteOptions& options) {
  marker_ = base::join_path(root, "undelete");
  has_marker_ = base::file_exists(marker_);
  if (has_marker_ || options.window <= std::chrono::seconds::zero()) return {};
  if (auto made = base::File::open_or_create(marker_); !made) return made.error();
  has_marker_ = true;
  return {};  // whoever opens a store syncs its directory afterwards
}

void RemovedUpkeep::note(AccountId id, std::int64_t removed) {
  const std::lock_guard lock(mutex_);
  oldest_.try_emplace(id, removed);
}

bool RemovedUpkeep::run(Store::Impl& store, Clock::time_point end) {
  {
    const std::lock_guard lock(mutex_);
    if (!has_marker_) return false;
  }
  const std::unique_lock working(working_, std::try_to_lock);
  if (!working.owns_lock()) return false;
  const bool is_walking = walk(store, end);
  return purge_due(store, end) || is_walking;
}

bool RemovedUpkeep::walk(Store::Impl& store, Clock::time_point end) {
  if (Clock::now() < next_walk_) return false;
  for (;;) {
    auto ids = store.directory->read(
        [&](sqlite::Connection& db) { return sqlite::list_account_ids(db, next_, kListedTogether); });
    if (!ids) return true;
    for (const AccountId id : *ids) {
      next_ = static_cast<AccountId>(static_cast<std::int64_t>(id) + 1);
      // One that can't be read, or has an older schema, has nothing that could be purged now.
      const auto oldest = oldest_removal(store, id);
      any_found_ = any_found_ || !oldest || oldest->has_value();
      if (oldest && oldest->has_value()) note(id, **oldest);
      if (Clock::now() >= end) return true;
    }
    if (ids->size() < kListedTogether) break;
  }
  next_ = {};
  next_walk_ = Clock::now() + kBetweenWalks;
  const std::lock_guard lock(mutex_);
  if (!any_found_ && oldest_.empty() && store.options.undelete.window <= std::chrono::seconds::zero()) {
    has_marker_ = !base::remove_file(marker_);
  }
  any_found_ = false;
  return false;
}

bool RemovedUpkeep::purge_due(Store::Impl& store, Clock::time_point end) {
  const std::int64_t until = store.clock() - store.options.undelete.window.count();
  std::vector<AccountId> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, oldest] : oldest_) {
      if (oldest <= until) due.push_back(id);
    }
  }
  for (const AccountId id : due) {
    if (Clock::now() >= end) return true;
    auto row = store.directory->read([&](sqlite::Connection& db) { return sqlite::load_account_by_id(db, id); });
    Result<std::optional<std::int64_t>> left{std::optional<std::int64_t>()};
    if (row) {
      const Account::Impl account{store.shared_from_this(), id, row->name};
      Result<std::uint64_t> purged{std::uint64_t{1}};
      while (purged && *purged > 0 && Clock::now() < end) purged = purge_until(account, until);
      if (!purged) store.observe(Severity::warning, "purge_failed", row->name, purged.error().message);
      left = account.read([](sqlite::Connection& db) { return sqlite::oldest_removal(db); });
    }
    const std::lock_guard lock(mutex_);
    if (left && left->has_value()) {
      oldest_[id] = **left;
    } else {
      oldest_.erase(id);  // what can't be read now is found by the next walk
    }
  }
  return false;
}

}  // namespace postfach::store
