// Table message: the narrow rows, alone or with the wide columns of their bodies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "connection.h"
#include "postfach/types.h"
#include "postfach/uid_list.h"

namespace postfach::sqlite {

// Bits of message.flags beside those of Flags.
inline constexpr std::uint32_t kNoFinalCrlf = 32;
inline constexpr std::uint32_t kHiddenFromPop3 = 64;
// What a STORE of flags leaves alone.
inline constexpr std::uint32_t kNoFlags = kNoFinalCrlf | kHiddenFromPop3;

struct MessageRow {
  Uid uid = 0;
  MessageId id = {};
  std::uint32_t flag_bits = 0;  // Flags, kNoFinalCrlf and kHiddenFromPop3
  KeywordMask keywords = 0;
  ModSeq modseq = 0;
  DateTime internal_date = {};
  std::uint64_t size = 0;
  std::int64_t body_id = 0;
  std::optional<std::int64_t> saved = {};  // seconds since 1970; none: before schema version 2

  Flags flags() const noexcept { return Flags::from_bits(static_cast<std::uint8_t>(flag_bits & 31U)); }
};

// Wide columns; empty unless asked for.
struct WideRow {
  std::uint64_t header_size = 0;
  std::string_view envelope;
  std::string_view body_structure;
  std::string_view sections;
  std::string_view thread_refs;  // also empty for a body that has yet to get its thread
  std::int64_t thread_id = 0;    // likewise 0
};

// Which wide columns a cursor reads; SQLite visits the pages of those only.
enum class Wide : std::uint8_t {
  none = 0,
  envelope = 1,
  body_structure = 2,
  sections = 4,
  thread_refs = 8,
  thread_id = 16,
};
constexpr Wide operator|(Wide a, Wide b) noexcept {
  return static_cast<Wide>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}

// Reads the messages of a set in ascending order.
//
//     MessageCursor messages(db, mailbox, uids);
//     while (messages.next()) use(messages.row());
//     if (!messages.ok()) return messages.error();
class MessageCursor {
 public:
  // uids must outlive the cursor.
  MessageCursor(Connection& db, MailboxId mailbox, const UidSet& uids, Wide wide = Wide::none);

  bool next();
  bool ok() const noexcept { return statement_.ok(); }
  Error error() const { return statement_.error(); }
  const MessageRow& row() const noexcept { return row_; }
  WideRow wide() const noexcept;  // views are valid until next()

 private:
  MailboxId mailbox_;
  const UidSet& uids_;
  Wide wide_;
  Statement statement_;
  std::size_t next_range_ = 0;
  bool in_range_ = false;
  MessageRow row_;
};

// Nothing if there is no such message.
Result<std::optional<MessageRow>> find_message(Connection& db, MailboxId mailbox, Uid uid);
Result<void> insert_message(Connection& db, MailboxId mailbox, const MessageRow& row);
// Those from `from` on.
Result<UidList> list_uids(Connection& db, MailboxId mailbox, Uid from);
Result<Uid> first_unseen(Connection& db, MailboxId mailbox);  // 0: none

// The new flags of a message: (old & keep) | put.
struct FlagMasks {
  std::uint32_t keep = 0;
  std::uint32_t put = 0;
  KeywordMask keep_keywords = 0;
  KeywordMask put_keywords = 0;
  ModSeq unchanged_since = 0;  // only messages whose MODSEQ is not above it
};
// Changes the messages of the set whose flags would be different; returns how many.
Result<std::uint64_t> update_flags(Connection& db, MailboxId mailbox, const UidSet& uids, const FlagMasks& masks,
                                   ModSeq modseq);

Result<void> delete_messages(Connection& db, MailboxId mailbox, const UidSet& uids);

}  // namespace postfach::sqlite
