// Which messages of an account changed their flags lately: what changes_since() would else have to find by looking at
// the MODSEQ of every message.
//
// Invariants:
// - Every change of flags with a MODSEQ in (from, upto] is here. Transactions add what they did after their COMMIT and
//   before the next transaction begins; one that finds another MODSEQ in the file than `upto` begins the log anew,
//   because another process has written or nobody knows what a COMMIT did.
// - So a reader whose snapshot is older takes the entries up to its own MODSEQ, and one whose snapshot is newer sees
//   that the log does not reach it.
// - Memory is bounded. A change of too many ranges is not kept, and nor is what came before it.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "postfach/types.h"

namespace postfach::store {

struct FlagsChanged {
  MailboxId mailbox{};
  ModSeq modseq = 0;
  UidSet uids;
};

class RecentChanges {
 public:
  // 8 octets each; an entry counts as some ranges too. 32 KiB for each open account at most.
  static constexpr std::size_t kMostRanges = 4096;

  // What a transaction did that took the account's highest MODSEQ from `before` to `after`.
  void record(ModSeq before, ModSeq after, std::vector<FlagsChanged> changes);

  // The messages whose flags changed after `since`, for a snapshot in which the mailbox's flags changed last with
  // flags_modseq; they may have been expunged since. Nothing if the log does not know.
  std::optional<UidSet> changed(MailboxId mailbox, ModSeq since, ModSeq flags_modseq) const;

 private:
  void drop_oldest();

  mutable std::mutex mutex_;
  std::deque<FlagsChanged> entries_;  // by MODSEQ
  std::size_t ranges_ = 0;            // of entries_, and what they count for themselves
  ModSeq from_ = 0;
  ModSeq upto_ = 0;
};

}  // namespace postfach::store
