// The vocabulary of a mail store: identifiers, flags, dates and sets of UIDs. Plain values; no function here fails,
// allocates behind the caller's back or needs a lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace postfach {

// Identifiers are never reused within one store (AccountId) or one account (MailboxId, MessageId).
enum class AccountId : std::int64_t {};
enum class MailboxId : std::int64_t {};
// Names one message for as long as it exists: kept by MOVE and rename, new for a COPY. The POP3 UIDL belongs to it.
enum class MessageId : std::int64_t {};

using Uid = std::uint32_t;          // 1..4294967295, ascending within a mailbox (RFC 9051 §2.3.1.1)
using UidValidity = std::uint32_t;  // 1..4294967295
using ModSeq = std::uint64_t;       // 1..2^63-1, strictly ascending within an account (RFC 7162 §3.1.1)

// The system flags that a store keeps (RFC 9051 §2.3.2). \Recent is not kept: it belongs to a session.
enum class Flag : std::uint8_t {
  seen = 1,
  answered = 2,
  flagged = 4,
  deleted = 8,
  draft = 16,
};

// A set of system flags.
class Flags {
 public:
  constexpr Flags() noexcept = default;
  constexpr Flags(Flag flag) noexcept : bits_(static_cast<std::uint8_t>(flag)) {}  // NOLINT: implicit by design
  static constexpr Flags from_bits(std::uint8_t bits) noexcept {
    Flags flags;
    flags.bits_ = bits & 31U;
    return flags;
  }
  constexpr std::uint8_t bits() const noexcept { return bits_; }
  constexpr bool has(Flag flag) const noexcept { return (bits_ & static_cast<std::uint8_t>(flag)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr Flags operator|(Flags other) const noexcept { return from_bits(bits_ | other.bits_); }
  constexpr Flags operator&(Flags other) const noexcept { return from_bits(bits_ & other.bits_); }
  constexpr Flags without(Flags other) const noexcept {
    return from_bits(static_cast<std::uint8_t>(bits_ & ~other.bits_));
  }
  constexpr Flags& operator|=(Flags other) noexcept { return *this = *this | other; }
  constexpr bool operator==(const Flags&) const noexcept = default;

 private:
  std::uint8_t bits_ = 0;
};
constexpr Flags operator|(Flag a, Flag b) noexcept { return Flags(a) | Flags(b); }

// A point in time together with the zone it was given in, so that INTERNALDATE comes back as it went in and
// SEARCH SINCE can compare the date as written (RFC 9051 §6.4.4 disregards time and zone).
struct DateTime {
  std::int64_t seconds = 0;       // since 1970-01-01T00:00:00Z
  std::int16_t zone_minutes = 0;  // east of UTC, -1439..1439

  bool operator==(const DateTime&) const noexcept = default;
};

struct UidRange {
  Uid first = 0;
  Uid last = 0;  // inclusive, >= first
  bool operator==(const UidRange&) const noexcept = default;
};

// A set of UIDs as sorted ranges that neither overlap nor touch. Memory is 8 octets per range.
class UidSet {
 public:
  UidSet() = default;
  // 1:4294967295
  static UidSet all() { return of(1, 0xFFFFFFFFU); }
  static UidSet of(Uid first, Uid last) {
    UidSet set;
    set.add(first, last);
    return set;
  }

  // Adds [first, last] in either order of its ends; 0 is dropped. Amortised O(1) if ranges come in ascending order.
  void add(Uid first, Uid last);
  void add(Uid uid) {
    if (uid > 1 && !ranges_.empty() && ranges_.back().last == uid - 1) {
      ranges_.back().last = uid;  // most often they ascend
    } else {
      add(uid, uid);
    }
  }
  void add(const UidSet& other);                   // O(ranges of both)
  bool contains(Uid uid) const noexcept;           // O(log ranges)
  std::uint64_t count() const noexcept;            // members
  UidSet intersection(const UidSet& other) const;  // O(ranges of both)
  UidSet minus(const UidSet& other) const;         // O(ranges of both)
  bool empty() const noexcept { return ranges_.empty(); }
  const std::vector<UidRange>& ranges() const noexcept { return ranges_; }
  Uid max() const noexcept { return ranges_.empty() ? 0 : ranges_.back().last; }
  Uid min() const noexcept { return ranges_.empty() ? 0 : ranges_.front().first; }
  void clear() noexcept { ranges_.clear(); }
  // "1:3,7,9:12" (RFC 9051 uid-set); empty string for the empty set.
  std::string to_string() const;
  bool operator==(const UidSet&) const = default;

 private:
  std::vector<UidRange> ranges_;
};

// Keywords of one message: bit i stands for name i of the mailbox's KeywordNames.
using KeywordMask = std::uint64_t;
// The keyword names of one mailbox, by bit; at most 64. An empty string is a free bit. Compared without regard to
// ASCII case, kept as first written.
using KeywordNames = std::vector<std::string>;

// The most bytes that may be asked for, or the whole.
inline constexpr std::uint64_t kToTheEnd = UINT64_MAX;

// The attributes of RFC 6154 §2; a mailbox carries at most one.
enum class SpecialUse : std::uint8_t { none, all, archive, drafts, flagged, junk, sent, trash, important };

// Calls back on whatever thread caused the event, with no lock held. It must be quick and must not call into the
// store: post to your own event loop and return.
using Doorbell = std::function<void()>;

}  // namespace postfach
