// Which messages a mailbox has, in order: the link between sequence numbers and UIDs (RFC 9051 §2.3.1.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "postfach/types.h"

namespace postfach {

// An immutable list of ascending UIDs; the message with sequence number n is the n-th of them. Copies share their
// memory, and a list made from another shares all of it that is the same. Any number of threads may use one list.
//
// Runs of consecutive UIDs take 8 octets together, whatever their length: a million messages of which none was ever
// expunged are one run, and if every second one was they take some 4 MB.
class UidList {
  struct Table;

 public:
  UidList() noexcept = default;

  std::uint32_t size() const noexcept;
  bool empty() const noexcept { return table_ == nullptr; }
  Uid first() const noexcept;  // 0 if empty
  Uid last() const noexcept;   // 0 if empty

  // O(log runs) each.
  Uid uid_of(std::uint32_t number) const noexcept;         // number: 1..size()
  std::uint32_t number_of(Uid uid) const noexcept;         // 0: it is not in the list
  std::uint32_t count_through(Uid uid) const noexcept;     // members up to uid, which need not be one
  std::uint64_t count(const UidSet& uids) const noexcept;  // members among these; O(ranges * log runs)

  // The members among these, exactly. O(ranges * log runs + runs in them).
  UidSet intersection(const UidSet& uids) const;
  // Each range of the set from its first member to its last one, in one range whatever is missing in between.
  // O(ranges * log runs).
  UidSet span(const UidSet& uids) const;
  UidSet to_set() const { return intersection(UidSet::all()); }

  // added: UIDs above last(). Copies at most 4 KiB of runs beside the table of the list, which has an entry for some
  // hundred runs.
  UidList with(const UidSet& added) const;
  // gone: members or not. O(ranges + the parts of the list that they touch + the table).
  UidList without(const UidSet& gone) const;

  // Octets that it takes, shared or not, without what the allocator adds.
  std::size_t memory() const noexcept;
  // Whether both are the same memory.
  bool is_same(const UidList& other) const noexcept { return table_ == other.table_; }
  bool operator==(const UidList& other) const;

  // Names a list without keeping it.
  class Weak {
   public:
    Weak() noexcept = default;
    explicit Weak(const UidList& list) noexcept : table_(list.table_) {}
    bool expired() const noexcept { return table_.expired(); }
    // Nothing if nobody holds the list any more; the empty list is never held.
    std::optional<UidList> lock() const noexcept;

   private:
    std::weak_ptr<const Table> table_;
  };

  // Makes a list of UIDs that come in ascending order.
  class Builder;

 private:
  struct Run {
    Uid first;
    std::uint32_t before;  // messages of the chunk that come before the run
  };
  struct Chunk {
    std::vector<Run> runs;  // not empty, at most kMostRuns
    Uid last;
  };
  struct Entry {
    Uid first;
    Uid last;
    std::uint32_t before;  // messages of the list that come before the chunk
    std::uint32_t count;
    std::shared_ptr<const Chunk> chunk;
  };
  struct Table {
    std::vector<Entry> entries;  // not empty
  };
  static constexpr std::size_t kMostRuns = 512;

  explicit UidList(std::shared_ptr<const Table> table) noexcept : table_(std::move(table)) {}
  static std::uint32_t count_in(const Entry& entry, Uid uid) noexcept;

  std::shared_ptr<const Table> table_;  // null: empty
};

class UidList::Builder {
 public:
  // Above all that were added before.
  void add(Uid first, Uid last);
  void add(Uid uid) { add(uid, uid); }
  UidList finish() &&;

 private:
  friend class UidList;
  void share(const Entry& entry);
  void unpack(const Chunk& chunk);
  void flush();

  std::vector<Entry> entries_;
  std::vector<UidRange> ranges_;  // of the chunk that is being filled
};

}  // namespace postfach
