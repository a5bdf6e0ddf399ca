#include "messages.h"

#include <algorithm>

namespace postfach::sqlite {
namespace {

Error in_use() { return {Errc::internal, "a UID is in use"}; }

struct Block {
  std::int64_t id = 0;
  Uid last_uid = 0;
  std::string entries;
};

Result<std::optional<Block>> block_of(Statement rows) {
  if (rows.next()) return std::optional(Block{rows.integer(0), rows.number<Uid>(1), std::string(rows.blob(2))});
  if (!rows.ok()) return rows.error();
  return std::optional<Block>();
}

// A message before the last one of its mailbox.
Result<void> insert_between(Connection& db, MailboxId mailbox, const MessageRow& row) {
  auto block = block_of(
      db.query("SELECT id, last_uid, entries FROM message_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
               block_id(mailbox, 0), block_id(mailbox, row.uid)));
  if (!block) return block.error();
  char entry[kEntryOctets];
  pack(row, entry);
  if (!*block) return insert_block(db, block_id(mailbox, row.uid), {entry, sizeof entry});
  std::string& octets = (*block)->entries;
  const Entries entries(octets);
  const std::size_t place = entries.find(row.uid);
  if (place < entries.size() && entries.uid(place) == row.uid) return in_use();
  octets.insert(place * kEntryOctets, entry, sizeof entry);
  if (Entries(octets).size() <= kMostInBlock) return update_block(db, (*block)->id, octets);
  const std::string upper = octets.substr(kMostInBlock / 2 * kEntryOctets);
  octets.resize(kMostInBlock / 2 * kEntryOctets);
  if (auto done = update_block(db, (*block)->id, octets); !done) return done;
  return insert_block(db, block_id(mailbox, Entries(upper).uid(0)), upper);
}

}  // namespace

// --- Reading --------------------------------------------------------------------------------------------------------

MessageCursor::MessageCursor(Connection& db, MailboxId mailbox, const UidSet& uids, Wide wide)
    : uids_(uids), blocks_(db, mailbox) {
  if (wide != Wide::none) bodies_.emplace(db, wide);
}

bool MessageCursor::next_narrow() {
  const Entries& entries = blocks_.entries();
  if (next_ < wanted_) {
    entries.read(next_++, row_);
    return true;
  }
  const auto& ranges = uids_.ranges();
  for (;;) {
    while (next_ < entries.size()) {
      const Uid uid = entries.uid(next_);
      while (range_ < ranges.size() && ranges[range_].last < uid) ++range_;
      if (range_ == ranges.size()) return false;
      if (ranges[range_].first <= uid) {
        entries.read(next_++, row_);
        if (entries.uid(entries.size() - 1) <= ranges[range_].last) wanted_ = entries.size();
        return true;
      }
      next_ = entries.find(ranges[range_].first, next_ + 1);
    }
    wanted_ = 0;
    const Uid passed = blocks_.last_uid();
    while (range_ < ranges.size() && ranges[range_].last <= passed) ++range_;
    if (range_ == ranges.size() || !blocks_.advance(std::max(ranges[range_].first, passed + 1))) return false;
    next_ = blocks_.entries().find(ranges[range_].first);
  }
}

bool MessageCursor::next_wide() {
  while (next_narrow()) {
    if (bodies_->find(row_.body_id)) return true;
    if (!bodies_->ok()) return false;
  }
  return false;
}

Result<std::optional<MessageRow>> find_message(Connection& db, MailboxId mailbox, Uid uid) {
  const UidSet one = UidSet::of(uid, uid);
  MessageCursor messages(db, mailbox, one);
  if (messages.next()) return std::optional(messages.row());
  if (!messages.ok()) return messages.error();
  return std::optional<MessageRow>();
}

// --- Changing -------------------------------------------------------------------------------------------------------

bool MessageEditor::next() {
  if (!saved_) return false;
  const bool is_there = messages_.next();
  if (changed_block_ != 0 && (!is_there || messages_.block().id() != changed_block_)) {
    saved_ = update_block(db_, changed_block_, entries_);
    changed_block_ = 0;
  }
  return is_there && saved_;
}

// The entry of the message, to be written.
char* MessageEditor::change() {
  if (changed_block_ == 0) {
    changed_block_ = messages_.block().id();
    entries_ = messages_.block().entries().octets();
  }
  return entries_.data() + messages_.index() * kEntryOctets;
}

void MessageEditor::replace(const MessageRow& row) { pack(row, change()); }

void MessageEditor::replace_flags(std::uint32_t flag_bits, KeywordMask keywords, ModSeq modseq) {
  pack_flags(flag_bits, keywords, modseq, change());
}

Result<void> insert_messages(Connection& db, MailboxId mailbox, std::span<const MessageRow> rows) {
  while (!rows.empty()) {
    auto last = block_of(
        db.query("SELECT id, last_uid, entries FROM message_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1",
                 block_id(mailbox, 0), block_id(mailbox, UINT32_MAX)));
    if (!last) return last.error();
    if (*last && rows.front().uid <= (*last)->last_uid) {
      if (auto done = insert_between(db, mailbox, rows.front()); !done) return done;
      rows = rows.subspan(1);
      continue;
    }
    const bool is_new = !*last || Entries((*last)->entries).size() >= kMostInBlock;
    std::string entries = is_new ? std::string() : std::move((*last)->entries);
    const std::size_t had = entries.size();
    const std::size_t count = std::min(rows.size(), kMostInBlock - Entries(entries).size());
    entries.resize(had + count * kEntryOctets);
    for (std::size_t i = 0; i < count; ++i) pack(rows[i], entries.data() + had + i * kEntryOctets);
    auto done = is_new ? insert_block(db, block_id(mailbox, rows.front().uid), entries)
                       : update_block(db, (*last)->id, entries);
    if (!done) return done;
    rows = rows.subspan(count);
  }
  return {};
}

Result<void> insert_message(Connection& db, MailboxId mailbox, const MessageRow& row) {
  return insert_messages(db, mailbox, {&row, 1});
}

Result<void> delete_messages(Connection& db, MailboxId mailbox, const UidSet& uids) {
  const auto& ranges = uids.ranges();
  BlockCursor blocks(db, mailbox);
  std::string kept;
  Uid passed = 0;
  for (std::size_t range = 0; range < ranges.size();) {
    if (!blocks.advance(std::max(ranges[range].first, passed + 1))) break;
    passed = blocks.last_uid();
    const Entries& entries = blocks.entries();
    kept.clear();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Uid uid = entries.uid(i);
      while (range < ranges.size() && ranges[range].last < uid) ++range;
      if (range == ranges.size() || uid < ranges[range].first) kept += entries.octets_of(i);
    }
    while (range < ranges.size() && ranges[range].last <= passed) ++range;
    if (kept.size() == entries.octets().size()) continue;
    auto done = kept.empty() ? delete_block(db, blocks.id()) : update_block(db, blocks.id(), kept);
    if (!done) return done;
  }
  if (!blocks.ok()) return blocks.error();
  return {};
}

}  // namespace postfach::sqlite
