// The newest list of UIDs of each mailbox that somebody looks at, so that all who do share its memory and the next one
// need not read it from the tables.
//
// Invariants:
// - A list is a hint: whoever takes one brings it up to date within a transaction of its own, from its MODSEQ on.
// - A MODSEQ names one state of a mailbox for good, with its UIDVALIDITY: lists of the same two are equal.
// - A list is not kept alive from here.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "postfach/types.h"
#include "postfach/uid_list.h"

namespace postfach::store {

// Which messages a mailbox had when its highest MODSEQ was this.
struct ListedUids {
  UidValidity uid_validity = 0;
  ModSeq modseq = 0;
  UidList uids;
};

class SharedLists {
 public:
  // Nothing if nobody holds a list of this mailbox.
  std::optional<ListedUids> find(AccountId account, MailboxId mailbox) const;
  // Offers a list to the others. Returns the one to hold: an equal one that others hold already, or this.
  UidList share(AccountId account, MailboxId mailbox, const ListedUids& mine);

 private:
  struct Slot {
    UidValidity uid_validity = 0;
    ModSeq modseq = 0;
    UidList::Weak uids;
  };
  struct Key {
    AccountId account;
    MailboxId mailbox;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };

  mutable std::mutex mutex_;
  std::unordered_map<Key, Slot, Hash> slots_;
  std::size_t sweep_at_ = 64;  // slots, at which those without a list are dropped
};

}  // namespace postfach::store
