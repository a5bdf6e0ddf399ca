// A sequence-set as the client wrote it: message numbers or UIDs, with "*" still open (RFC 9051 §9
// sequence-set), or "$", the saved result of a search (RFC 5182 §3).
//
// Invariant: memory is O(distinct ranges), at most kMaxRanges of them; "1,1,1,…" is one range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "postfach/types.h"

namespace postfach::imap {

class NumberSet {
 public:
  // More than fit in a line of 64 KiB in any set that a client has a reason to send.
  static constexpr std::size_t kMaxRanges = 16'384;

  // Numbers are 1..4294967295; kStar stands for "*". Returns false when the set would have too many ranges.
  // The order of calls is free; call finish() after the last.
  static constexpr std::uint32_t kStar = 0;
  [[nodiscard]] bool add(std::uint32_t first, std::uint32_t last);
  [[nodiscard]] bool finish();

  // "$" alone. It has no numbers of its own: Selected::resolve knows what it stands for.
  static NumberSet saved_result() {
    NumberSet set;
    set.saved_result_ = true;
    return set;
  }
  bool is_saved_result() const noexcept { return saved_result_; }

  bool has_star() const noexcept { return star_; }
  // The set without what depends on "*".
  const UidSet& numbers() const noexcept { return numbers_; }

  // As UIDs. largest is the UID of the last message, 0 in an empty mailbox (then "*" is nothing). "3291:*"
  // includes largest even where it is smaller.
  UidSet uids(Uid largest) const;

  // As message sequence numbers of a mailbox with that many messages, cut to those that exist.
  struct Sequence {
    UidSet numbers;        // sequence numbers, not UIDs
    bool exceeds = false;  // a number was larger than messages, or "*" stood in an empty mailbox: the syntax
                           // asks for BAD (RFC 9051 §9 seq-number)
  };
  Sequence sequence(std::uint32_t messages) const;

  bool operator==(const NumberSet&) const = default;

 private:
  bool merge();

  UidSet numbers_;
  std::vector<UidRange> pending_;  // not yet merged into numbers_
  bool saved_result_ = false;
  bool star_ = false;
  // All ranges with "*" overlap in it, so together they reach from the smaller of (star_low_, *) to the
  // larger of (star_high_, *). 0: nothing but "*" itself.
  std::uint32_t star_low_ = 0;
  std::uint32_t star_high_ = 0;
};

}  // namespace postfach::imap
