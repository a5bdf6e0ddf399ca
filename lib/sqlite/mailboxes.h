// Table mailbox and table subscription.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

struct MailboxRow {
  MailboxId id{};
  std::string name;
  SpecialUse special_use = SpecialUse::none;
  bool selectable = true;
  UidValidity uid_validity = 0;
  Uid uid_next = 1;
  ModSeq highest_modseq = 1;
  ModSeq flags_modseq = 0;
  ModSeq expunge_modseq = 0;
  ModSeq log_floor = 0;
  std::uint64_t log_ranges = 0;
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;
  std::uint64_t bytes = 0;
  std::uint64_t deleted_bytes = 0;
  Uid first_recent_uid = 1;
  std::uint32_t recent = 0;
  std::optional<std::uint64_t> quota_bytes;
  std::optional<std::uint64_t> quota_messages;
};

// Errors of both: not_found.
Result<MailboxRow> load_mailbox(Connection& db, MailboxId id);
Result<MailboxRow> find_mailbox(Connection& db, std::string_view name);
// All that are named name or lie below it, by name in octet order.
Result<std::vector<MailboxRow>> list_mailboxes(Connection& db, std::string_view name);
Result<std::vector<MailboxRow>> list_all(Connection& db);  // in no order
// Reads those whose name begins with prefix, by name in octet order.
//
//     MailboxCursor mailboxes(db, prefix);
//     while (mailboxes.next()) use(mailboxes.take_row());
//     if (!mailboxes.ok()) return mailboxes.error();
class MailboxCursor {
 public:
  MailboxCursor(Connection& db, std::string_view prefix);
  bool next();
  MailboxRow take_row() const;
  bool ok() const noexcept { return rows_.ok(); }
  Error error() const { return rows_.error(); }

 private:
  Statement rows_;
};

// Whether any mailbox lies below the name.
Result<bool> has_children(Connection& db, std::string_view name);
Result<std::uint64_t> count_mailboxes(Connection& db);
// Errors: not_found.
Result<MailboxRow> find_special_use(Connection& db, SpecialUse use);

// Sets row.id.
Result<void> insert_mailbox(Connection& db, MailboxRow& row);
// Everything but the identifier and the name, which would write a page of its index each time.
Result<void> save_mailbox(Connection& db, const MailboxRow& row);
Result<void> rename_mailbox(Connection& db, MailboxId id, std::string_view name);
// The row, its keywords, its expunge log and what is known of imports; the messages must be gone.
Result<void> delete_mailbox(Connection& db, MailboxId id);

// Those that begin with prefix, in octet order.
Result<std::vector<std::string>> list_subscriptions(Connection& db, std::string_view prefix = {});
Result<bool> is_subscribed(Connection& db, std::string_view name);
Result<std::uint64_t> count_subscriptions(Connection& db);
Result<void> insert_subscription(Connection& db, std::string_view name);
Result<void> delete_subscription(Connection& db, std::string_view name);

}  // namespace postfach::sqlite
