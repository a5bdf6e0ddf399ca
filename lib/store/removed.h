// Messages that were expunged and can be brought back: within the transaction of a change.
#pragma once

#include <cstdint>
#include <vector>

#include "change.h"
#include "postfach/account.h"
#include "sqlite/removed.h"

namespace postfach::store {

// What remove_messages() does where there is a window.
Result<void> keep_removed(Change& change, sqlite::MailboxRow& mailbox, const std::vector<sqlite::MessageRow>& messages);

// Removed messages go for good.
Result<void> purge(Change& change, const std::vector<sqlite::RemovedRow>& rows);

// The oldest that went at this time or before, some hundred in one transaction. Returns how many.
Result<std::uint64_t> purge_until(const Account::Impl& account, std::int64_t until);

}  // namespace postfach::store
