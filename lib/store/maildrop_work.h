// What POP3 policies do with messages, within a change of the account.
#pragma once

#include <chrono>
#include <cstdint>

#include "change.h"
#include "postfach/maildrop.h"
#include "postfach/result.h"
#include "postfach/store.h"

namespace postfach::store {

// Errors: invalid_argument.
Result<void> check_policy(const MaildropPolicy& policy);

// Each takes messages that exist and saves the row.
Result<void> expunge_messages(Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids);
// Hides them from POP3 too, so that they do not come back to it from there. Messages of the mailbox Trash itself are
// expunged. Errors: over_quota.
Result<void> move_to_trash(Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids,
                           const StoreOptions& options);

// Sees to it that do_removals() looks at the account at this time. Errors: as of directory.db.
Result<void> announce_removal(const Store::Impl& store, AccountId account, std::int64_t due);

// Removes what is due in any account, until `end`. True if something is left. A look at directory.db every ten seconds if
// there is nothing, whoever calls and however often.
bool do_removals(const Store& store, std::chrono::steady_clock::time_point end);

}  // namespace postfach::store
