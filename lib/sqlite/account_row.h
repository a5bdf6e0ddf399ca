// The one row of table account: counters and limits of the whole account.
#pragma once

#include <cstdint>
#include <optional>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

struct AccountRow {
  ModSeq highest_modseq = 1;
  UidValidity last_uid_validity = 0;
  std::int64_t next_message_id = 1;
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  std::optional<std::uint64_t> quota_bytes;
  std::optional<std::uint64_t> quota_messages;
  std::optional<std::uint64_t> quota_mailboxes;
  std::optional<std::uint64_t> quota_message_size;
  std::uint64_t removed_bytes = 0;  // of table removed
  std::uint64_t removed_messages = 0;
  std::uint32_t warned = 0;  // the highest threshold that is passed, in percent

  bool operator==(const AccountRow&) const = default;
};

Result<AccountRow> load_account(Connection& db);
Result<void> save_account(Connection& db, const AccountRow& row);

}  // namespace postfach::sqlite
