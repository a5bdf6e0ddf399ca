// Tables removed and removed_mailbox: messages that were expunged and can be brought back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "mailboxes.h"
#include "messages.h"
#include "postfach/types.h"

namespace postfach::sqlite {

struct RemovedRow {
  std::int64_t removed = 0;  // seconds since 1970
  MailboxId mailbox{};
  MessageRow message;    // without keywords, MODSEQ and save date
  std::string keywords;  // names, with spaces between them
  bool is_counted = false;
};

Result<void> insert_removed(Connection& db, const RemovedRow& row);
Result<void> delete_removed(Connection& db, std::int64_t removed, MessageId id);
// Nothing if there is none.
Result<std::optional<RemovedRow>> find_removed(Connection& db, std::int64_t removed, MessageId id);
// The first ones that went at `until` or before, the oldest first.
Result<std::vector<RemovedRow>> oldest_removed(Connection& db, std::int64_t until, std::size_t most);
// When the oldest went; nothing: there is none.
Result<std::optional<std::int64_t>> oldest_removal(Connection& db);

// What a mailbox is called, what it is for and its limits.
Result<void> save_removed_mailbox(Connection& db, const MailboxRow& mailbox);
// The same, as it goes, if anything that was removed from it can be brought back.
Result<void> update_removed_mailbox(Connection& db, const MailboxRow& mailbox);
// That alone; the name is empty if it is not known.
Result<MailboxRow> removed_mailbox(Connection& db, MailboxId id);
// Forgets names that no removed message has; only where there are no removed messages at all.
Result<void> clear_removed_mailboxes(Connection& db);

// What a list shows of removed messages, from `before` downwards.
//
//     RemovedCursor removed(db, before, id);
//     while (removed.next()) use(removed.row());
//     if (!removed.ok()) return removed.error();
class RemovedCursor {
 public:
  RemovedCursor(Connection& db, std::int64_t before, MessageId before_id, std::int64_t since);
  bool next();
  bool ok() const noexcept { return rows_.ok(); }
  Error error() const { return rows_.error(); }
  const RemovedRow& row() const noexcept { return row_; }
  // Views of both are valid until next().
  std::string_view mailbox() const noexcept { return rows_.text(11); }
  bool mailbox_exists() const noexcept { return rows_.integer(12) != 0; }

 private:
  Statement rows_;
  RemovedRow row_;
};

}  // namespace postfach::sqlite
