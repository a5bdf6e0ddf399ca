// What has changed in a mailbox since a MODSEQ, and the doorbell that says when to ask.
#pragma once

#include <memory>

#include "postfach/types.h"

namespace postfach {

// The answer to Mailbox::changes_since(). Flags are not in it: fetch them for `changed`, in steps, as you write them.
struct Changes {
  ModSeq modseq = 0;  // ask again with this value
  Uid uid_next = 0;
  UidSet added;              // messages that came after `known_uid_next`
  UidSet changed;            // known messages whose flags or keywords changed
  UidSet vanished;           // known messages that were expunged; may hold UIDs that the caller never saw
  bool log_complete = true;  // false: the expunge log no longer reaches back to the given MODSEQ, vanished is not all:
                             // compare with uids()
};

// Keeps a doorbell connected; dropping it disconnects. After the destructor has returned the doorbell is not called
// any more. Movable.
class Subscription {
 public:
  Subscription() noexcept;
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  struct Impl;
  explicit Subscription(std::unique_ptr<Impl> impl) noexcept;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace postfach
