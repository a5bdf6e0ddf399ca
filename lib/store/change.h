// One write transaction on an account, as the functions of Account and Mailbox see it.
//
// The account's row is read when it begins and written when it ends, the rows of mailboxes by the functions below. What
// is remembered from one transaction to the next holds as long as nobody else has written (sqlite/data_version.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mailbox_state.h"
#include "postfach/mailbox.h"
#include "postfach/quota.h"
#include "postfach/result.h"
#include "postfach/types.h"
#include "recent_changes.h"
#include "sqlite/account_row.h"
#include "sqlite/connection.h"
#include "sqlite/mailboxes.h"
#include "sqlite/messages.h"

namespace postfach {
struct StoreOptions;
struct UndeleteOptions;
}  // namespace postfach

namespace postfach::store {

struct Change {
  sqlite::Connection& db;
  sqlite::AccountRow account;
  std::int64_t now = 0;                      // seconds since 1970
  std::vector<MailboxId> touched = {};       // whose doorbells ring after COMMIT
  std::vector<std::string> dead_files = {};  // in large/, removed after COMMIT
  std::vector<FlagsChanged> flags_changed = {};
  ModSeq modseq = 0;
  std::optional<bool> has_thread_backlog = {};  // once it was looked for
  bool is_exempt = false;                       // from the limits of groups
  const UndeleteOptions* undelete = nullptr;    // null: what is removed is gone
  // A mailbox that is known without a look into the database, and one as this transaction leaves it.
  std::optional<MailboxState> known = {};
  std::optional<MailboxState> left = {};

  // A mailbox, known or read, for a transaction that has not changed any yet. Errors: not_found, of selectable() also for
  // a \Noselect mailbox.
  Result<sqlite::MailboxRow> mailbox(std::string_view name) const;
  Result<sqlite::MailboxRow> selectable(MailboxId id) const;
  Result<KeywordNames> keywords(MailboxId id) const;
  // Writes the row. Nothing changes the mailbox any more in this transaction, nor its keywords.
  Result<void> save_and_leave(const sqlite::MailboxRow& row, const KeywordNames& names);

  // The MODSEQ of this transaction, or of its current part; the same at each call. Errors: limit.
  Result<ModSeq> take_modseq();
  // Runs one of several changes that are made together, each with a MODSEQ and an outcome of its own: what was noted here
  // is taken back if it fails. An error of ours is one of the whole transaction, and is returned.
  // writes_before_failing: it may fail after it has written. That is undone, which costs a savepoint.
  Result<void> run_part(bool writes_before_failing, const std::function<Result<void>()>& part, Result<void>& outcome);
  // Flags of these messages were changed with the MODSEQ of this transaction. Every way of doing so goes through here;
  // the row is not saved.
  void mark_flags_changed(sqlite::MailboxRow& mailbox, UidSet uids);
  // Errors: limit.
  Result<UidValidity> take_uid_validity();
  MessageId take_message_id() noexcept { return static_cast<MessageId>(account.next_message_id++); }
  void set_quota(const Quota& quota) noexcept;
  // Whether one message may have so many octets. Errors: limit.
  Result<void> check_size(std::uint64_t octets) const;
  // What does not grow fits, also where the limit was lowered below the usage. Errors: over_quota.
  Result<void> check_quota(const Usage& added, const Usage& removed = {}) const;
  // The same for a mailbox that messages come into.
  static Result<void> check_quota(const sqlite::MailboxRow& mailbox, const Usage& added, const Usage& removed = {});
};

// As those of Change.
Result<void> check_size(const sqlite::AccountRow& account, std::uint64_t octets);
Result<void> check_quota(const sqlite::AccountRow& account, const Usage& added, const Usage& removed = {});

// Errors of both: not_found, also for a \Noselect mailbox.
Result<sqlite::MailboxRow> load_selectable(sqlite::Connection& db, MailboxId id);

Quota quota_of(const sqlite::AccountRow& row) noexcept;
// Octets of the largest message that the account takes.
Result<std::uint64_t> append_limit(sqlite::Connection& db, const StoreOptions& options);
MailboxStatus status_of(const sqlite::MailboxRow& row, std::uint64_t append_limit) noexcept;

// Counters of a mailbox when a message comes, goes or changes its flags.
void count_in(sqlite::MailboxRow& mailbox, const sqlite::MessageRow& message) noexcept;
void count_out(sqlite::MailboxRow& mailbox, const sqlite::MessageRow& message) noexcept;
// What the flags of a message were counted as becomes what these are.
void count_again(sqlite::MailboxRow& mailbox, const sqlite::MessageRow& message, Flags flags) noexcept;

// UIDs for so many messages. Errors: limit.
Result<Uid> take_uids(Change& change, sqlite::MailboxRow& mailbox, std::uint64_t count);

// Removes messages: rows, references, UIDLs, usage, counters; or keeps them for as long as they can be brought back. The
// mailbox is not saved and nothing is logged.
Result<void> remove_messages(Change& change, sqlite::MailboxRow& mailbox,
                             const std::vector<sqlite::MessageRow>& messages);

Result<std::vector<sqlite::MessageRow>> read_messages(sqlite::Connection& db, MailboxId mailbox, const UidSet& uids);
UidSet uids_of(const std::vector<sqlite::MessageRow>& messages);

// Copies or moves messages within the account; saves both rows, which may be the same object.
Result<Copied> transfer(Change& change, sqlite::MailboxRow& source, sqlite::MailboxRow& target, const UidSet& uids,
                        bool move);

// A new mailbox, and its parents where they are missing. The name is canonical and not in use, or that of a \Noselect
// mailbox. Errors: limit, not_permitted (another mailbox has this special use).
Result<sqlite::MailboxRow> make_mailbox(Change& change, std::string_view name, SpecialUse use, std::uint64_t most);

}  // namespace postfach::store
