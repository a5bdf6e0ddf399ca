// One account whose database is open.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "mailbox_state.h"
#include "postfach/result.h"
#include "postfach/types.h"
#include "recent_changes.h"
#include "search_index.h"
#include "sqlite/account_row.h"
#include "sqlite/data_version.h"
#include "sqlite/database.h"

namespace postfach::store {

// Where an account lives: the one place that knows.
struct AccountLocation {
  std::string directory;
  std::string database;
  std::string large;         // directory of the bodies that are files
  std::string search_index;  // what can be made anew

  static AccountLocation of(const std::string& root, AccountId id);
};

struct OpenAccount {
  OpenAccount(AccountLocation where, const sqlite::ConnectionOptions& options)
      : location(std::move(where)), search_index(location.search_index, options) {}

  // Errors: not_found if there is no database; corrupt, newer_schema, unavailable, in_use.
  static Result<std::shared_ptr<OpenAccount>> open(AccountLocation location, const sqlite::ConnectionOptions& options);

  // False if another file has taken the place of the one that is open: the account was removed or restored.
  bool is_current() const noexcept;
  // Removes files in large/ that no body names and nobody is writing. Returns how many.
  Result<std::uint64_t> sweep();

  const AccountLocation location;
  std::unique_ptr<sqlite::Database> database;
  SearchIndex search_index;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  // The highest MODSEQ that the last writer of this process left; another value in the database means that another
  // process has written. 0: not known.
  std::atomic<ModSeq> last_modseq{0};
  RecentChanges recent;
  std::atomic<bool> damage_reported{false};
  // As the last transaction has left them: the mailbox is one that it changed.
  sqlite::Known<sqlite::AccountRow> row;
  sqlite::Known<MailboxState> mailbox;
};

}  // namespace postfach::store
