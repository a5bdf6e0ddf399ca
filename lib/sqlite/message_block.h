// Table message_block: the messages of a mailbox, packed. A block holds up to 60 of them, in the order of their UIDs,
// with 64 octets each, so that it fills a page; a change of all flags writes a page for 60 messages, and a scan
// reads it as one row.
//
// Invariants:
// - A block is never empty, and its id names its mailbox and a UID that is not above its first one; the blocks of a
//   mailbox stand in the order of their messages.
// - The columns beside the entries say what a scan wants to know before it reads them; they are made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connection.h"
#include "message_row.h"

namespace postfach::sqlite {

inline constexpr std::size_t kEntryOctets = 64;
inline constexpr std::size_t kMostInBlock = 60;

// Packs a message into kEntryOctets.
void pack(const MessageRow& row, char* entry) noexcept;
void pack_flags(std::uint32_t flag_bits, KeywordMask keywords, ModSeq modseq, char* entry) noexcept;

// The entries of a block.
class Entries {
 public:
  Entries() noexcept = default;
  explicit Entries(std::string_view octets) noexcept : octets_(octets) {}

  std::size_t size() const noexcept { return octets_.size() / kEntryOctets; }
  std::string_view octets() const noexcept { return octets_; }
  std::string_view octets_of(std::size_t index) const noexcept {
    return octets_.substr(index * kEntryOctets, kEntryOctets);
  }
  Uid uid(std::size_t index) const noexcept;
  std::uint32_t flag_bits(std::size_t index) const noexcept;
  ModSeq modseq(std::size_t index) const noexcept;
  void read(std::size_t index, MessageRow& row) const noexcept;
  // The first message from `from` on whose UID is not below this one; size() if there is none.
  std::size_t find(Uid uid, std::size_t from = 0) const noexcept;

 private:
  std::string_view octets_;
};

// The key of a block that begins with this UID.
constexpr std::int64_t block_id(MailboxId mailbox, Uid uid) noexcept {
  return static_cast<std::int64_t>(mailbox) << 32 | static_cast<std::int64_t>(uid);
}
constexpr Uid lowest_uid(std::int64_t block) noexcept { return static_cast<Uid>(block & 0xFFFFFFFF); }

// The blocks of a mailbox, from the lowest UIDs to the highest.
class BlockCursor {
 public:
  BlockCursor(Connection& db, MailboxId mailbox);

  // Goes to the block that has messages from this UID on and is the next one; stays if that is this one. Going back is
  // not possible. False: there is none, or an error.
  bool advance(Uid uid);
  bool ok() const noexcept { return statement_.ok(); }
  Error error() const { return statement_.error(); }

  // Of the block; views are valid until advance().
  std::int64_t id() const noexcept { return id_; }
  Uid last_uid() const noexcept { return last_uid_; }
  const Entries& entries() const noexcept { return entries_; }

 private:
  bool step();

  MailboxId mailbox_;
  Statement statement_;
  bool is_running_ = false;
  std::int64_t id_ = 0;
  Uid last_uid_ = 0;  // 0: before the first block
  Entries entries_;
};

// Both take the octets of one to kMostInBlock entries.
Result<void> insert_block(Connection& db, std::int64_t id, std::string_view entries);
Result<void> update_block(Connection& db, std::int64_t id, std::string_view entries);
Result<void> delete_block(Connection& db, std::int64_t id);

}  // namespace postfach::sqlite
