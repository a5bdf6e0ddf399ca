// The messages of mailboxes, alone or with the wide columns of their bodies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bodies.h"
#include "connection.h"
#include "message_block.h"
#include "message_row.h"
#include "postfach/types.h"
#include "postfach/uid_list.h"

namespace postfach::sqlite {

// Reads the messages of a set in ascending order.
//
//     MessageCursor messages(db, mailbox, uids);
//     while (messages.next()) use(messages.row());
//     if (!messages.ok()) return messages.error();
class MessageCursor {
 public:
  // uids must outlive the cursor.
  MessageCursor(Connection& db, MailboxId mailbox, const UidSet& uids, Wide wide = Wide::none);

  bool next() { return bodies_ ? next_wide() : next_narrow(); }
  bool ok() const noexcept { return blocks_.ok() && (!bodies_ || bodies_->ok()); }
  Error error() const { return blocks_.ok() ? bodies_->error() : blocks_.error(); }
  const MessageRow& row() const noexcept { return row_; }
  // Views are valid until next().
  WideRow wide() const noexcept { return bodies_ ? bodies_->row() : WideRow(); }

  // Where the message stands.
  const BlockCursor& block() const noexcept { return blocks_; }
  std::size_t index() const noexcept { return next_ - 1; }

 private:
  bool next_narrow();
  bool next_wide();

  const UidSet& uids_;
  BlockCursor blocks_;
  std::optional<BodyRows> bodies_;
  std::size_t range_ = 0;   // of uids_
  std::size_t next_ = 0;    // of the entries of the block
  std::size_t wanted_ = 0;  // entries before this one, from `next_` on, are in the range
  MessageRow row_;
};

// Changes the messages of a set where they stand.
//
//     MessageEditor messages(db, mailbox, uids);
//     while (messages.next()) if (...) messages.replace(changed);
//     if (!messages.ok()) return messages.error();
class MessageEditor {
 public:
  // uids must outlive the editor.
  MessageEditor(Connection& db, MailboxId mailbox, const UidSet& uids) : db_(db), messages_(db, mailbox, uids) {}

  // What was changed is there when it has returned false and all is ok.
  bool next();
  bool ok() const noexcept { return saved_.has_value() && messages_.ok(); }
  Error error() const { return saved_ ? messages_.error() : saved_.error(); }
  const MessageRow& row() const noexcept { return messages_.row(); }
  // Of the same UID.
  void replace(const MessageRow& row);
  // The same, where all else stays as it is.
  void replace_flags(std::uint32_t flag_bits, KeywordMask keywords, ModSeq modseq);

 private:
  char* change();

  Connection& db_;
  MessageCursor messages_;
  std::int64_t changed_block_ = 0;  // 0: none
  std::string entries_;             // of it
  Result<void> saved_;
};

// Nothing if there is no such message.
Result<std::optional<MessageRow>> find_message(Connection& db, MailboxId mailbox, Uid uid);
// In ascending order. Errors: internal (a UID is in use).
Result<void> insert_messages(Connection& db, MailboxId mailbox, std::span<const MessageRow> rows);
Result<void> insert_message(Connection& db, MailboxId mailbox, const MessageRow& row);
Result<void> delete_messages(Connection& db, MailboxId mailbox, const UidSet& uids);

// The id of each block whose columns do not agree with its entries.
inline constexpr Sql kWrongBlocks =
    "SELECT b.id FROM message_block AS b LEFT JOIN message AS m "
    "ON m.mailbox_id = b.id >> 32 AND uid BETWEEN b.id & 0xFFFFFFFF AND last_uid GROUP BY b.id "
    "HAVING count(uid) <> messages OR max(uid) IS NOT last_uid OR max(m.modseq) IS NOT b.modseq "
    "OR sum(flags & 1 = 0) IS NOT unseen";

// Scans.
Result<UidList> list_uids(Connection& db, MailboxId mailbox, Uid from);    // those from `from` on
Result<Uid> first_unseen(Connection& db, MailboxId mailbox);               // 0: none
Result<Uid> last_up_to(Connection& db, MailboxId mailbox, ModSeq modseq);  // of those up to it; 0: none
Result<KeywordMask> keywords_in_use(Connection& db, MailboxId mailbox);
// The newest messages but `skip`, without those that are hidden from POP3: the first UID of the next one. 0: none.
Result<Uid> last_shown(Connection& db, MailboxId mailbox, std::uint32_t skip);
// Messages below `end` with a higher MODSEQ than `since`.
Result<UidSet> changed_since(Connection& db, MailboxId mailbox, ModSeq since, Uid end);
// The same, where those that stand before a message with a lower MODSEQ are known.
Result<UidSet> came_since(Connection& db, MailboxId mailbox, ModSeq since, Uid end, const UidSet& known);

}  // namespace postfach::sqlite
