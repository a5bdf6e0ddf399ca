#include "messages.h"

namespace postfach::sqlite {
namespace {

constexpr Sql kNarrow =
    "SELECT uid, id, flags, keywords, modseq, internal_date, zone, size, body_id, saved FROM message "
    "WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 ORDER BY uid";
constexpr Sql kWide =
    "SELECT m.uid, m.id, m.flags, m.keywords, m.modseq, m.internal_date, m.zone, m.size, m.body_id, m.saved, "
    "b.header_size, "
    "CASE WHEN ?4 & 1 THEN b.envelope END, CASE WHEN ?4 & 2 THEN b.body_structure END, "
    "CASE WHEN ?4 & 4 THEN b.sections END, CASE WHEN ?4 & 8 THEN b.thread_refs END, "
    "CASE WHEN ?4 & 16 THEN b.thread_id END FROM message AS m CROSS JOIN body AS b ON b.id = m.body_id "
    "WHERE m.mailbox_id = ?1 AND m.uid BETWEEN ?2 AND ?3 ORDER BY m.uid";

void read_row(const Statement& rows, MessageRow& row) noexcept {
  row.uid = rows.number<Uid>(0);
  row.id = rows.number<MessageId>(1);
  row.flag_bits = rows.number<std::uint32_t>(2);
  row.keywords = rows.number<KeywordMask>(3);
  row.modseq = rows.number<ModSeq>(4);
  row.internal_date = {rows.integer(5), rows.number<std::int16_t>(6)};
  row.size = rows.number<std::uint64_t>(7);
  row.body_id = rows.integer(8);
  row.saved = rows.is_null(9) ? std::nullopt : std::optional(rows.integer(9));
}

}  // namespace

MessageCursor::MessageCursor(Connection& db, MailboxId mailbox, const UidSet& uids, Wide wide)
    : mailbox_(mailbox), uids_(uids), wide_(wide), statement_(db.query(wide == Wide::none ? kNarrow : kWide)) {}

bool MessageCursor::next() {
  for (;;) {
    if (in_range_ && statement_.next()) {
      read_row(statement_, row_);
      return true;
    }
    in_range_ = false;
    if (!statement_.ok() || next_range_ == uids_.ranges().size()) return false;
    const UidRange& range = uids_.ranges()[next_range_++];
    if (wide_ == Wide::none) {
      statement_.bind(mailbox_, range.first, range.last);
    } else {
      statement_.bind(mailbox_, range.first, range.last, wide_);
    }
    in_range_ = true;
  }
}

WideRow MessageCursor::wide() const noexcept {
  if (wide_ == Wide::none) return {};
  return {statement_.number<std::uint64_t>(10),
          statement_.text(11),
          statement_.text(12),
          statement_.blob(13),
          statement_.blob(14),
          statement_.integer(15)};
}

Result<std::optional<MessageRow>> find_message(Connection& db, MailboxId mailbox, Uid uid) {
  auto rows = db.query(kNarrow, mailbox, uid, uid);
  if (rows.next()) {
    MessageRow row;
    read_row(rows, row);
    return std::optional(row);
  }
  if (!rows.ok()) return rows.error();
  return std::optional<MessageRow>();
}

Result<void> insert_message(Connection& db, MailboxId mailbox, const MessageRow& row) {
  return db.run(
      "INSERT INTO message (mailbox_id, uid, id, flags, keywords, modseq, internal_date, zone, size, body_id, "
      "saved) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      mailbox, row.uid, row.id, row.flag_bits, row.keywords, row.modseq, row.internal_date.seconds,
      row.internal_date.zone_minutes, row.size, row.body_id, row.saved);
}

Result<UidList> list_uids(Connection& db, MailboxId mailbox, Uid from) {
  UidList::Builder uids;
  auto rows =
      db.query("SELECT uid FROM message NOT INDEXED WHERE mailbox_id = ?1 AND uid >= ?2 ORDER BY uid", mailbox, from);
  while (rows.next()) uids.add(rows.number<Uid>(0));
  if (!rows.ok()) return rows.error();
  return std::move(uids).finish();
}

Result<Uid> first_unseen(Connection& db, MailboxId mailbox) {
  auto uid =
      db.value("SELECT uid FROM message WHERE mailbox_id = ?1 AND (flags & 1) = 0 ORDER BY uid LIMIT 1", mailbox);
  if (!uid) return uid.error();
  return static_cast<Uid>(uid->value_or(0));
}

Result<std::uint64_t> update_flags(Connection& db, MailboxId mailbox, const UidSet& uids, const FlagMasks& masks,
                                   ModSeq modseq) {
  std::uint64_t changed = 0;
  auto update = db.query(
      "UPDATE message SET flags = (flags & ?4) | ?5, keywords = (keywords & ?6) | ?7, modseq = ?8 "
      "WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND modseq <= ?9 "
      "AND ((flags & ?4) | ?5 <> flags OR (keywords & ?6) | ?7 <> keywords)");
  for (const UidRange& range : uids.ranges()) {
    update.bind(mailbox, range.first, range.last, masks.keep, masks.put, masks.keep_keywords, masks.put_keywords,
                modseq, masks.unchanged_since);
    if (auto done = update.run(); !done) return done.error();
    changed += static_cast<std::uint64_t>(db.changes());
  }
  return changed;
}

Result<void> delete_messages(Connection& db, MailboxId mailbox, const UidSet& uids) {
  auto remove = db.query("DELETE FROM message WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3");
  for (const UidRange& range : uids.ranges()) {
    remove.bind(mailbox, range.first, range.last);
    if (auto done = remove.run(); !done) return done;
  }
  return {};
}

}  // namespace postfach::sqlite
