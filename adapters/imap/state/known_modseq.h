// What the client may take for its HIGHESTMODSEQ of the selected mailbox (RFC 7162 §3.2, §6).
//
// At each tagged response a client moves its value up to the highest MODSEQ that a FETCH response told it. Every change
// with a lower MODSEQ must have been told by then, or the client never hears of it after a broken connection. Where
// that is not so, because an expunge is held back or others were busy between two reads, the response code
// HIGHESTMODSEQ tells the value that counts.
#pragma once

#include <algorithm>
#include <utility>

#include "postfach/types.h"

namespace postfach::imap {

class KnownModSeq {
 public:
  // SELECT has told it.
  explicit KnownModSeq(ModSeq at_select) noexcept : complete_(at_select), client_(at_select) {}

  // A FETCH response has this MODSEQ in it.
  void fetched(ModSeq modseq) noexcept { fetched_ = std::max(fetched_, modseq); }
  // The client was told of every change up to this one.
  void completed(ModSeq modseq) noexcept { complete_ = std::max(complete_, modseq); }
  ModSeq complete() const noexcept { return complete_; }
  ModSeq highest_fetched() const noexcept { return fetched_; }

  // The client is told complete() as its HIGHESTMODSEQ.
  ModSeq tell() noexcept {
    fetched_ = 0;
    return client_ = complete_;
  }
  // At a tagged response: the HIGHESTMODSEQ to tell, 0 if the client comes to the right value by itself.
  ModSeq settle() noexcept {
    if (fetched_ > complete_) return tell();
    client_ = std::max(client_, std::exchange(fetched_, 0));
    return client_ < complete_ ? tell() : 0;
  }

 private:
  ModSeq complete_;
  ModSeq client_;       // the client's own value
  ModSeq fetched_ = 0;  // since the last tagged response
};

}  // namespace postfach::imap
