// Table expunged: which UIDs went with which MODSEQ.
#pragma once

#include "connection.h"
#include "mailboxes.h"
#include "postfach/types.h"

namespace postfach::sqlite {

// The log of a mailbox is cut when it has more ranges than this; a client that was away for longer compares UIDs.
inline constexpr std::uint64_t kMostLogRanges = 100'000;

// Records the UIDs and sets expunge_modseq, log_ranges and perhaps log_floor of the row, which the caller saves.
Result<void> log_expunge(Connection& db, MailboxRow& mailbox, ModSeq modseq, const UidSet& uids,
                         std::uint64_t most = kMostLogRanges);

// What was expunged after `since`.
Result<UidSet> expunged_since(Connection& db, MailboxId mailbox, ModSeq since);

}  // namespace postfach::sqlite
