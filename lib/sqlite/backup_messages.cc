// The messages of a backup, in the schema that it was made in.
#include "backup_tables.h"

namespace postfach::sqlite {
namespace {

// A backup stays as it was made. Before schema version 10 a message was a row.
Result<bool> has_blocks(Connection& db) {
  auto version = db.value("PRAGMA gen.user_version");
  if (!version) return version.error();
  return version->value_or(0) >= 10;
}

}  // namespace

Result<std::uint64_t> count_unknown(Connection& db) {
  auto blocks = has_blocks(db);
  if (!blocks) return blocks.error();
  auto count =
      *blocks
          ? db.value("SELECT count(*) FROM messages_of('gen') WHERE body_id NOT IN (SELECT id FROM gen.backup_body)")
          : db.value("SELECT count(*) FROM gen.message WHERE body_id NOT IN (SELECT id FROM gen.backup_body)");
  if (!count) return count.error();
  return static_cast<std::uint64_t>(count->value_or(0));
}

Result<std::vector<MessageRow>> list_backup_messages(Connection& db, MailboxId mailbox, Uid after, std::size_t most) {
  std::vector<MessageRow> list;
  auto blocks = has_blocks(db);
  if (!blocks) return blocks.error();
  auto rows = *blocks
                  ? db.query(
                        "SELECT uid, id, flags, keywords, internal_date, zone, size, body_id FROM messages_of('gen') "
                        "WHERE mailbox_id = ?1 AND uid > ?2 ORDER BY uid LIMIT ?3",
                        mailbox, after, most)
                  : db.query(
                        "SELECT uid, id, flags, keywords, internal_date, zone, size, body_id FROM gen.message "
                        "WHERE mailbox_id = ?1 AND uid > ?2 ORDER BY uid LIMIT ?3",
                        mailbox, after, most);
  while (rows.next()) {
    MessageRow row;
    row.uid = rows.number<Uid>(0);
    row.id = rows.number<MessageId>(1);
    row.flag_bits = rows.number<std::uint32_t>(2);
    row.keywords = rows.number<KeywordMask>(3);
    row.internal_date = {rows.integer(4), rows.number<std::int16_t>(5)};
    row.size = rows.number<std::uint64_t>(6);
    row.body_id = rows.integer(7);
    list.push_back(row);
  }
  if (!rows.ok()) return rows.error();
  return list;
}

}  // namespace postfach::sqlite
