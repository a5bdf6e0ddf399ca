// Policies of POP3 in directory.db, and in mail.db what waits for its removal, what is hidden, and the window.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "connection.h"
#include "postfach/maildrop_policy.h"
#include "postfach/types.h"

namespace postfach::sqlite {

// --- directory.db ---

// Nothing: the account has none of its own.
Result<std::optional<MaildropPolicy>> load_policy(Connection& db, AccountId account);
// Nothing takes it away.
Result<void> save_policy(Connection& db, AccountId account, const std::optional<MaildropPolicy>& policy);
// Of the policies in the table and this one.
Result<MaildropBounds> load_bounds(Connection& db, const MaildropPolicy& common);

// Something of the account may have to be removed at this time.
struct DueRow {
  AccountId account{};
  std::int64_t due = 0;
  bool is_idle = false;

  // Whether it leads to a look at the account by then, whatever looks are under way.
  bool covers(std::int64_t time) const noexcept { return !is_idle && due <= time; }
};
Result<std::optional<DueRow>> find_due(Connection& db, AccountId account);
// The account's time becomes this one if it is earlier, and its row is not idle any more.
Result<void> announce_due(Connection& db, AccountId account, std::int64_t time);
Result<std::optional<DueRow>> first_due(Connection& db, std::int64_t now);
// After a look: `next` is what is due next, nothing if there is nothing; it counts only once it was found twice, the second
// time at `recheck`.
Result<void> settle_due(Connection& db, const DueRow& looked, std::optional<std::int64_t> next, std::int64_t recheck);
Result<void> put_off_due(Connection& db, AccountId account, std::int64_t time);

// --- mail.db ---

enum class Removal : std::uint8_t { expunge, hide, trash };

struct RemovalRow {
  MailboxId mailbox{};
  Uid uid = 0;
  Removal action = Removal::expunge;
};

// if_new: a message that has a row keeps it.
Result<void> insert_removals(Connection& db, MailboxId mailbox, const UidSet& uids, std::int64_t due, Removal action,
                             bool if_new);
Result<void> delete_removals(Connection& db, MailboxId mailbox, const UidSet& uids);
Result<void> delete_all_removals(Connection& db);
// What is due, by mailbox and UID; `most` at the most.
Result<std::vector<RemovalRow>> due_removals(Connection& db, std::int64_t now, std::size_t most);
Result<std::optional<std::int64_t>> next_removal(Connection& db);

// Takes no MODSEQ: no IMAP client sees it.
Result<void> hide_messages(Connection& db, MailboxId mailbox, const UidSet& uids);
// Returns how many were hidden.
Result<std::uint64_t> show_all_messages(Connection& db);

// The first of the `newest` messages that came last and are not hidden; 0: there are not more than so many.
Result<Uid> first_of_newest(Connection& db, MailboxId mailbox, std::uint32_t newest);
// Below which everything has left the window of this size; 0: nothing has.
Result<Uid> load_floor(Connection& db, MailboxId mailbox, std::uint32_t newest);
Result<void> save_floor(Connection& db, MailboxId mailbox, std::uint32_t newest, Uid uid);
Result<void> delete_all_floors(Connection& db);

}  // namespace postfach::sqlite
