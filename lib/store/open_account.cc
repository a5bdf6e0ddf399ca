#include "open_account.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.h"
#include "sqlite/bodies.h"

namespace postfach::store {

AccountLocation AccountLocation::of(const std::string& root, AccountId id) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto number = static_cast<std::uint64_t>(id);
  // The low byte spreads accounts over 256 directories from the first one on.
  const std::string group = {kHex[number >> 4U & 15U], kHex[number & 15U]};
  std::string directory =
      base::join_path(base::join_path(base::join_path(root, "accounts"), group), std::to_string(number));
  std::string database = base::join_path(directory, "mail.db");
  std::string large = base::join_path(directory, "large");
  std::string search_index = base::join_path(directory, "search.db");
  return {std::move(directory), std::move(database), std::move(large), std::move(search_index)};
}

Result<std::shared_ptr<OpenAccount>> OpenAccount::open(AccountLocation location,
                                                       const sqlite::ConnectionOptions& options) {
  auto database = sqlite::Database::open(location.database, sqlite::kMailSchema, options);
  if (!database) return std::move(database).error();
  struct stat status {};
  if (::stat(location.database.c_str(), &status) != 0) return base::system_error(errno, "stat " + location.database);
  auto account = std::make_shared<OpenAccount>(std::move(location), options);
  account->database = std::move(*database);
  account->device = status.st_dev;
  account->inode = status.st_ino;
  return account;
}

bool OpenAccount::is_current() const noexcept {
  struct stat status {};
  return ::stat(location.database.c_str(), &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

Result<std::uint64_t> OpenAccount::sweep() {
  std::uint64_t count = 0;
  auto names = base::list_directory(location.large);
  if (!names) return names.error().code == Errc::not_found ? Result<std::uint64_t>(count) : names.error();
  for (const std::string& name : *names) {
    const auto is_named = [&](sqlite::Connection& db) { return sqlite::is_body_file(db, name); };
    auto named = database->read(is_named);
    if (!named) return named.error();
    if (*named) continue;
    // Whoever writes a file holds its lock until the transaction that names it has ended. So once the lock is ours,
    // the database has the last word.
    const std::string path = base::join_path(location.large, name);
    auto file = base::File::open_for_reading(path);
    if (!file || ::flock(file->fd(), LOCK_EX | LOCK_NB) != 0) continue;
    named = database->read(is_named);
    if (!named) return named.error();
    if (*named) continue;
    if (auto removed = base::remove_file(path); !removed) return removed.error();
    ++count;
  }
  return count;
}

}  // namespace postfach::store
