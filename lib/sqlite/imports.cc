#include "imports.h"

namespace postfach::sqlite {

Result<std::int64_t> make_import_source(Connection& db, MailboxId mailbox, std::string_view name) {
  if (auto done = db.run("INSERT OR IGNORE INTO import_source (mailbox_id, name) VALUES (?1, ?2)", mailbox, name);
      !done) {
    return done.error();
  }
  auto id = db.value("SELECT id FROM import_source WHERE mailbox_id = ?1 AND name = ?2", mailbox, name);
  if (!id) return id.error();
  return id->value_or(0);
}

Result<std::string> import_state(Connection& db, std::int64_t source) {
  auto rows = db.query("SELECT state FROM import_source WHERE id = ?1", source);
  if (rows.next()) return std::string(rows.text(0));
  if (!rows.ok()) return rows.error();
  return Error{Errc::not_found, "the mailbox of the import is gone"};
}

Result<void> set_import_state(Connection& db, std::int64_t source, std::string_view state) {
  return db.run("UPDATE import_source SET state = ?2 WHERE id = ?1", source, state);
}

Result<std::optional<ImportedRow>> find_imported(Connection& db, std::int64_t source, std::string_view key) {
  auto rows = db.query("SELECT message_id, uid FROM imported WHERE source_id = ?1 AND key = ?2", source, key);
  if (rows.next()) return std::optional(ImportedRow{rows.number<MessageId>(0), rows.number<Uid>(1)});
  if (!rows.ok()) return rows.error();
  return std::optional<ImportedRow>();
}

Result<void> insert_imported(Connection& db, std::int64_t source, std::string_view key, const ImportedRow& row) {
  return db.run("INSERT INTO imported (source_id, key, message_id, uid) VALUES (?1, ?2, ?3, ?4)", source, key, row.id,
                row.uid);
}

Result<void> delete_imports(Connection& db, MailboxId mailbox) {
  auto done =
      db.run("DELETE FROM imported WHERE source_id IN (SELECT id FROM import_source WHERE mailbox_id = ?1)", mailbox);
  if (!done) return done;
  return db.run("DELETE FROM import_source WHERE mailbox_id = ?1", mailbox);
}

}  // namespace postfach::sqlite
