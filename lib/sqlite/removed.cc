#include "removed.h"

namespace postfach::sqlite {
namespace {

// Of rows that begin with the columns in the order of the table.
RemovedRow removed_row(const Statement& rows) {
  RemovedRow row;
  row.removed = rows.integer(0);
  row.message.id = rows.number<MessageId>(1);
  row.mailbox = rows.number<MailboxId>(2);
  row.message.uid = rows.number<Uid>(3);
  row.message.flag_bits = rows.number<std::uint32_t>(4);
  row.keywords = rows.text(5);
  row.message.internal_date = {rows.integer(6), rows.number<std::int16_t>(7)};
  row.message.size = rows.number<std::uint64_t>(8);
  row.message.body_id = rows.integer(9);
  row.is_counted = rows.integer(10) != 0;
  return row;
}

}  // namespace

Result<void> insert_removed(Connection& db, const RemovedRow& row) {
  return db.run(
      "INSERT INTO removed (removed, message_id, mailbox_id, uid, flags, keywords, internal_date, zone, size, body_id, "
      "is_counted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      row.removed, row.message.id, row.mailbox, row.message.uid, row.message.flag_bits, StableText{row.keywords},
      row.message.internal_date.seconds, row.message.internal_date.zone_minutes, row.message.size, row.message.body_id,
      row.is_counted);
}

Result<void> delete_removed(Connection& db, std::int64_t removed, MessageId id) {
  return db.run("DELETE FROM removed WHERE removed = ?1 AND message_id = ?2", removed, id);
}

Result<std::optional<RemovedRow>> find_removed(Connection& db, std::int64_t removed, MessageId id) {
  auto rows = db.query(
      "SELECT removed, message_id, mailbox_id, uid, flags, keywords, internal_date, zone, size, body_id, is_counted "
      "FROM removed WHERE removed = ?1 AND message_id = ?2",
      removed, id);
  if (rows.next()) return std::optional(removed_row(rows));
  if (!rows.ok()) return rows.error();
  return std::optional<RemovedRow>();
}

Result<std::vector<RemovedRow>> oldest_removed(Connection& db, std::int64_t until, std::size_t most) {
  std::vector<RemovedRow> list;
  auto rows = db.query(
      "SELECT removed, message_id, mailbox_id, uid, flags, keywords, internal_date, zone, size, body_id, is_counted "
      "FROM removed WHERE removed <= ?1 ORDER BY removed, message_id LIMIT ?2",
      until, most);
  while (rows.next()) list.push_back(removed_row(rows));
  if (!rows.ok()) return rows.error();
  return list;
}

Result<std::optional<std::int64_t>> oldest_removal(Connection& db) {
  return db.value("SELECT removed FROM removed ORDER BY removed LIMIT 1");
}

Result<void> save_removed_mailbox(Connection& db, const MailboxRow& mailbox) {
  return db.run(
      "INSERT INTO removed_mailbox (mailbox_id, name, special_use, quota_bytes, quota_messages) "
      "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET name = ?2, special_use = ?3, quota_bytes = ?4, "
      "quota_messages = ?5 WHERE (name, special_use, quota_bytes, quota_messages) IS NOT (?2, ?3, ?4, ?5)",
      mailbox.id, StableText{mailbox.name}, mailbox.special_use, mailbox.quota_bytes, mailbox.quota_messages);
}

Result<void> update_removed_mailbox(Connection& db, const MailboxRow& mailbox) {
  return db.run(
      "UPDATE removed_mailbox SET name = ?2, special_use = ?3, quota_bytes = ?4, quota_messages = ?5 "
      "WHERE mailbox_id = ?1",
      mailbox.id, StableText{mailbox.name}, mailbox.special_use, mailbox.quota_bytes, mailbox.quota_messages);
}

Result<MailboxRow> removed_mailbox(Connection& db, MailboxId id) {
  auto rows =
      db.query("SELECT name, special_use, quota_bytes, quota_messages FROM removed_mailbox WHERE mailbox_id = ?1", id);
  MailboxRow mailbox;
  if (rows.next()) {
    mailbox.name = rows.text(0);
    mailbox.special_use = rows.number<SpecialUse>(1);
    if (!rows.is_null(2)) mailbox.quota_bytes = rows.number<std::uint64_t>(2);
    if (!rows.is_null(3)) mailbox.quota_messages = rows.number<std::uint64_t>(3);
  }
  if (!rows.ok()) return rows.error();
  return mailbox;
}

Result<void> clear_removed_mailboxes(Connection& db) { return db.run("DELETE FROM removed_mailbox"); }

RemovedCursor::RemovedCursor(Connection& db, std::int64_t before, MessageId before_id, std::int64_t since)
    : rows_(db.query(
          "SELECT r.removed, r.message_id, r.mailbox_id, r.uid, r.flags, r.keywords, r.internal_date, r.zone, r.size, "
          "r.body_id, r.is_counted, coalesce(m.name, n.name, ''), m.id IS NOT NULL FROM removed AS r "
          "LEFT JOIN mailbox AS m ON m.id = r.mailbox_id AND m.selectable "
          "LEFT JOIN removed_mailbox AS n ON n.mailbox_id = r.mailbox_id "
          "WHERE (r.removed, r.message_id) < (?1, ?2) AND r.removed >= ?3 ORDER BY r.removed DESC, r.message_id DESC",
          before, before_id, since)) {}

bool RemovedCursor::next() {
  if (!rows_.next()) return false;
  row_ = removed_row(rows_);
  return true;
}

}  // namespace postfach::sqlite
