#include "backup_tables.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "base/files.h"

namespace postfach::sqlite {
namespace {

constexpr std::string_view kCreateTable = "CREATE TABLE ";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}
std::string identifier(std::string_view name) { return quoted(name, '"'); }

struct Table {
  std::string name;
  std::string sql;
};

Result<std::vector<Table>> tables_of(Statement rows) {
  std::vector<Table> tables;
  while (rows.next()) tables.push_back({std::string(rows.text(0)), std::string(rows.text(1))});
  if (!rows.ok()) return rows.error();
  for (const Table& table : tables) {
    // Whatever else a table may be, it would not be copied as it is.
    if (!std::string_view(table.sql).starts_with(kCreateTable)) {
      return Error{Errc::internal, "a table can't be copied: " + table.name};
    }
  }
  return tables;
}

Result<std::vector<Table>> main_tables(Connection& db) {
  return tables_of(db.query(
      "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"));
}

Result<void> create(Connection& db, std::string_view schema, const Table& table) {
  const std::string sql = std::string(kCreateTable) + std::string(schema) + "." + table.sql.substr(kCreateTable.size());
  return db.execute(sql.c_str());
}

// For a table that is read in another file, too.
Result<std::vector<std::string>> columns_of(Connection& db, std::string_view table, std::string_view schema) {
  std::vector<std::string> columns;
  auto rows = db.query("SELECT name FROM pragma_table_info(?1, ?2)", table, schema);
  while (rows.next()) columns.emplace_back(rows.text(0));
  if (!rows.ok()) return rows.error();
  return columns;
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string list_of(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + identifier(column);
  return list;
}

Result<std::int64_t> first_integer(Connection& db, Sql sql) {
  auto value = db.value(sql);
  if (!value) return value.error();
  return value->value_or(0);
}

// The tables of a directory.db whose rows belong to accounts.
Result<std::vector<Table>> account_tables(Connection& directory) {
  auto tables = main_tables(directory);
  if (!tables) return tables.error();
  std::vector<Table> list;
  for (Table& table : *tables) {
    auto columns = columns_of(directory, table.name, "main");
    if (!columns) return columns.error();
    if (contains(*columns, "account_id")) list.push_back(std::move(table));
  }
  return list;
}

}  // namespace

Result<std::unique_ptr<Connection>> open_scratch() { return Connection::open_in_memory(); }

Result<void> attach(Connection& db, const std::string& path, std::string_view name, bool is_new) {
  const std::string schema(name);
  if (is_new) {
    // What is attached is opened as the main file was, which is never made.
    if (auto made = base::File::open_or_create(path); !made) return made.error();
  }
  if (auto done = db.execute(("ATTACH " + quoted(path, '\'') + " AS " + schema).c_str()); !done) return done;
  if (!is_new) return {};
  // Made durable as a whole when it is complete.
  return db.execute(("PRAGMA " + schema + ".journal_mode=MEMORY; PRAGMA " + schema + ".synchronous=OFF").c_str());
}

Result<void> detach(Connection& db, std::string_view name) {
  db.forget_statements();
  return db.execute(("DETACH " + std::string(name)).c_str());
}

Result<std::unique_ptr<Connection>> open_source(const std::string& path, ConnectionOptions options) {
  options.create = false;
  options.read_only = false;  // what is attached is written
  auto db = Connection::open(path, options);
  if (!db) return db;
  if (auto set = (*db)->execute("PRAGMA foreign_keys=OFF"); !set) return set.error();
  return db;
}

Result<std::string> body_schema(Connection& db) {
  std::string text;
  auto rows = db.query(
      "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name IN ('body', 'content') "
      "ORDER BY name");
  while (rows.next()) {
    text += rows.text(0);
    text += ';';
  }
  if (!rows.ok()) return rows.error();
  return text;
}

Result<std::vector<std::pair<std::int64_t, std::string>>> list_epochs(Connection& db) {
  std::vector<std::pair<std::int64_t, std::string>> epochs;
  auto rows = db.query("SELECT first_id, prefix FROM main.epoch ORDER BY first_id");
  while (rows.next()) epochs.emplace_back(rows.integer(0), rows.text(1));
  if (!rows.ok()) return rows.error();
  return epochs;
}

Result<void> begin_pack(Connection& db) {
  auto tables = tables_of(db.query(
      "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND name IN ('body', 'content') ORDER BY name"));
  if (!tables) return tables.error();
  for (const Table& table : *tables) {
    if (auto done = create(db, "pack", table); !done) return done;
  }
  return db.execute(
      "CREATE TABLE pack.backup_file (body_id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, "
      "sha256 TEXT NOT NULL)");
}

Result<CopiedBodies> copy_bodies(Connection& db, std::int64_t first, std::int64_t last, std::size_t most) {
  CopiedBodies copied;
  {
    auto rows = db.query("SELECT id, size, file FROM main.body WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3", first,
                         last, most);
    while (rows.next()) {
      copied.last = rows.integer(0);
      ++copied.rows;
      copied.octets += rows.number<std::uint64_t>(1);
      if (!rows.is_null(2)) {
        copied.large.push_back({rows.integer(0), std::string(rows.text(2)), rows.number<std::uint64_t>(1)});
      }
    }
    if (!rows.ok()) return rows.error();
  }
  if (copied.rows == 0) return copied;
  if (auto done = db.run("INSERT INTO pack.body SELECT * FROM main.body WHERE id BETWEEN ?1 AND ?2 ORDER BY id", first,
                         copied.last);
      !done) {
    return done.error();
  }
  if (auto done = db.run("INSERT INTO pack.content SELECT * FROM main.content WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
                         first, copied.last);
      !done) {
    return done.error();
  }
  return copied;
}

Result<std::uint64_t> count_octets(Connection& db, std::int64_t first, std::int64_t last) {
  auto sum = db.value("SELECT sum(size) FROM main.body WHERE id BETWEEN ?1 AND ?2", first, last);
  if (!sum) return sum.error();
  return static_cast<std::uint64_t>(sum->value_or(0));
}

Result<bool> body_exists(Connection& db, std::int64_t id) {
  auto found = db.value("SELECT 1 FROM main.body WHERE id = ?1", id);
  if (!found) return found.error();
  return found->has_value();
}

Result<void> insert_backup_file(Connection& db, std::int64_t id, const CopiedBodies::Large& file,
                                std::string_view sha256) {
  return db.run("INSERT INTO pack.backup_file (body_id, name, size, sha256) VALUES (?1, ?2, ?3, ?4)", id, file.file,
                file.size, sha256);
}

Result<std::vector<BackupFile>> list_backup_files(Connection& db, bool only_live) {
  std::vector<BackupFile> files;
  auto rows = only_live ? db.query(
                              "SELECT f.body_id, f.name, f.size, f.sha256 FROM pack.backup_file AS f "
                              "JOIN gen.backup_body AS b ON b.id = f.body_id ORDER BY f.body_id")
                        : db.query("SELECT body_id, name, size, sha256 FROM pack.backup_file ORDER BY body_id");
  while (rows.next()) {
    files.push_back(
        {rows.integer(0), std::string(rows.text(1)), rows.number<std::uint64_t>(2), std::string(rows.text(3))});
  }
  if (!rows.ok()) return rows.error();
  return files;
}

Result<void> copy_mail(Connection& db) {
  auto tables = main_tables(db);
  if (!tables) return tables.error();
  for (const Table& table : *tables) {
    if (auto done = create(db, "gen", table); !done) return done;
    if (table.name == "body" || table.name == "content") continue;
    const std::string name = identifier(table.name);
    const std::string copy = joined({"INSERT INTO gen.", name, " SELECT * FROM main.", name});
    if (auto done = db.execute(copy.c_str()); !done) return done;
  }
  // References are counted, not believed: a backup of a damaged account is none the worse for it.
  if (auto done = db.execute(
          "DELETE FROM gen.sqlite_sequence; INSERT INTO gen.sqlite_sequence SELECT * FROM main.sqlite_sequence;"
          "CREATE TABLE gen.backup_body (id INTEGER PRIMARY KEY, refs INTEGER NOT NULL);"
          "INSERT INTO gen.backup_body SELECT body_id, count(*) FROM (SELECT body_id FROM message "
          "UNION ALL SELECT body_id FROM main.removed) GROUP BY body_id ORDER BY body_id;"
          "CREATE TABLE gen.backup_schema (type TEXT NOT NULL, sql TEXT NOT NULL);"
          "INSERT INTO gen.backup_schema SELECT type, sql FROM main.sqlite_schema "
          "WHERE type <> 'table' AND sql IS NOT NULL ORDER BY type, name");
      !done) {
    return done;
  }
  auto version = first_integer(db, "PRAGMA main.user_version");
  if (!version) return version.error();
  auto application = first_integer(db, "PRAGMA main.application_id");
  if (!application) return application.error();
  return db.execute(("PRAGMA gen.user_version=" + std::to_string(*version) +
                     "; PRAGMA gen.application_id=" + std::to_string(*application))
                        .c_str());
}

Result<std::uint64_t> count_live(Connection& db, std::int64_t first, std::int64_t last) {
  auto count = db.value("SELECT count(*) FROM gen.backup_body WHERE id BETWEEN ?1 AND ?2", first, last);
  if (!count) return count.error();
  return static_cast<std::uint64_t>(count->value_or(0));
}

Result<void> copy_account(Connection& directory, AccountId id) {
  auto tables = account_tables(directory);
  if (!tables) return tables.error();
  auto account =
      tables_of(directory.query("SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND name = 'account'"));
  if (!account) return account.error();
  const std::string number = std::to_string(static_cast<std::int64_t>(id));
  for (const Table& table : *account) {
    if (auto done = create(directory, "gen", table); !done) return done;
    if (auto done =
            directory.execute(("INSERT INTO gen.account SELECT * FROM main.account WHERE id = " + number).c_str());
        !done) {
      return done;
    }
  }
  for (const Table& table : *tables) {
    if (auto done = create(directory, "gen", table); !done) return done;
    const std::string name = identifier(table.name);
    const std::string copy =
        joined({"INSERT INTO gen.", name, " SELECT * FROM main.", name, " WHERE account_id = ", number});
    if (auto done = directory.execute(copy.c_str()); !done) return done;
  }
  auto version = first_integer(directory, "PRAGMA main.user_version");
  if (!version) return version.error();
  return directory.execute(("PRAGMA gen.user_version=" + std::to_string(*version)).c_str());
}

Result<std::vector<std::string>> check_integrity(Connection& db, std::string_view name) {
  std::vector<std::string> problems;
  auto rows = name == "gen" ? db.query("PRAGMA gen.integrity_check(20)") : db.query("PRAGMA pack.integrity_check(20)");
  while (rows.next()) {
    if (rows.text(0) != "ok") problems.emplace_back(rows.text(0));
  }
  if (!rows.ok()) return rows.error();
  return problems;
}

Result<std::vector<std::int64_t>> missing_bodies(Connection& db, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> missing;
  auto rows = db.query(
      "SELECT b.id FROM gen.backup_body AS b LEFT JOIN pack.body AS p ON p.id = b.id "
      "LEFT JOIN pack.content AS c ON c.id = b.id LEFT JOIN pack.backup_file AS f ON f.body_id = b.id "
      "WHERE b.id BETWEEN ?1 AND ?2 AND (p.id IS NULL OR CASE WHEN p.file IS NULL "
      "THEN ifnull(length(c.data), -1) <> p.size ELSE ifnull(f.size, -1) <> p.size OR f.name <> p.file END)",
      first, last);
  while (rows.next()) missing.push_back(rows.integer(0));
  if (!rows.ok()) return rows.error();
  return missing;
}

Result<std::vector<BackupMailboxRow>> list_backup_mailboxes(Connection& db) {
  std::vector<BackupMailboxRow> list;
  auto rows = db.query("SELECT id, name, messages, bytes FROM gen.mailbox WHERE selectable ORDER BY name");
  while (rows.next()) {
    list.push_back({rows.number<MailboxId>(0), std::string(rows.text(1)), rows.number<std::uint32_t>(2),
                    rows.number<std::uint64_t>(3)});
  }
  if (!rows.ok()) return rows.error();
  return list;
}

Result<std::string> backup_envelope(Connection& db, std::int64_t body_id) {
  auto rows = db.query("SELECT envelope FROM pack.body WHERE id = ?1", body_id);
  std::string envelope;
  if (rows.next()) envelope = rows.text(0);
  if (!rows.ok()) return rows.error();
  return envelope;
}

Result<BackupOctets> read_backup_body(Connection& db, std::int64_t body_id) {
  auto rows = db.query(
      "SELECT c.data, f.name, f.size, f.sha256 FROM pack.body AS b LEFT JOIN pack.content AS c ON c.id = b.id "
      "LEFT JOIN pack.backup_file AS f ON f.body_id = b.id WHERE b.id = ?1",
      body_id);
  BackupOctets body;
  if (rows.next() && !rows.is_null(0)) {
    body.octets = rows.blob(0);
    return body;
  }
  if (rows.ok() && !rows.is_null(1)) {
    body.file =
        BackupFile{body_id, std::string(rows.text(1)), rows.number<std::uint64_t>(2), std::string(rows.text(3))};
    return body;
  }
  if (!rows.ok()) return rows.error();
  return Error{Errc::corrupt, "the backup has no octets of a message"};
}

Result<void> fill_bodies(Connection& db, std::int64_t first, std::int64_t last) {
  if (auto done =
          db.run("INSERT INTO main.body SELECT p.* FROM main.backup_body AS b JOIN pack.body AS p ON p.id = b.id "
                 "WHERE b.id BETWEEN ?1 AND ?2 ORDER BY b.id",
                 first, last);
      !done) {
    return done;
  }
  if (auto done = db.run("INSERT INTO main.content SELECT p.* FROM main.backup_body AS b JOIN pack.content AS p "
                         "ON p.id = b.id WHERE b.id BETWEEN ?1 AND ?2 ORDER BY b.id",
                         first, last);
      !done) {
    return done;
  }
  return db.run(
      "UPDATE main.body SET refs = b.refs FROM main.backup_body AS b "
      "WHERE b.id = body.id AND body.id BETWEEN ?1 AND ?2 AND body.refs <> b.refs",
      first, last);
}

Result<void> finish_mail(Connection& db) {
  std::vector<std::string> scripts;
  {
    // Views may name each other, indexes come first.
    auto rows = db.query("SELECT sql FROM main.backup_schema ORDER BY type = 'index' DESC, rowid");
    while (rows.next()) scripts.emplace_back(rows.text(0));
    if (!rows.ok()) return rows.error();
  }
  for (const std::string& sql : scripts) {
    if (auto done = db.execute(sql.c_str()); !done) return done;
  }
  return db.execute("DROP TABLE main.backup_body; DROP TABLE main.backup_schema");
}

Result<AccountId> insert_from_backup(Connection& directory) {
  AccountId id{};
  auto tables = tables_of(directory.query(
      "SELECT name, sql FROM gen.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"));
  if (!tables) return tables.error();
  auto taken = directory.query("SELECT g.name FROM gen.identity AS g JOIN main.identity AS m ON m.key = g.key LIMIT 1");
  if (taken.next()) return Error{Errc::already_exists, "the name is taken: " + std::string(taken.text(0))};
  if (!taken.ok()) return taken.error();
  // The account first, which the others refer to.
  std::stable_sort(tables->begin(), tables->end(),
                   [](const Table& left, const Table&) { return left.name == "account"; });
  for (const Table& table : *tables) {
    auto columns = columns_of(directory, table.name, "gen");
    if (!columns) return columns.error();
    auto known = columns_of(directory, table.name, "main");
    if (!known) return known.error();
    const std::string_view key = table.name == "account" ? "id" : "account_id";
    std::erase_if(*columns, [&](const std::string& name) { return name == key || !contains(*known, name); });
    if (known->empty()) continue;
    const std::string name = identifier(table.name);
    const std::string list = list_of(*columns);
    std::string sql = joined({"INSERT INTO main.", name, " (", list});
    if (table.name == "account") {
      sql += joined({") SELECT ", list, " FROM gen.account"});
    } else {
      const std::string number = std::to_string(static_cast<std::int64_t>(id));
      sql += joined({", account_id) SELECT ", list, ", ", number, " FROM gen.", name});
    }
    if (auto done = directory.execute(sql.c_str()); !done) return done.error();
    if (table.name != "account") continue;
    auto last = directory.value("SELECT last_insert_rowid()");
    if (!last) return last.error();
    id = static_cast<AccountId>(last->value_or(0));
  }
  return id;
}

Result<AccountId> renumber_account(Connection& directory, AccountId id) {
  auto columns = columns_of(directory, "account", "main");
  if (!columns) return columns.error();
  std::erase(*columns, "id");
  const std::string list = list_of(*columns);
  const std::string old_number = std::to_string(static_cast<std::int64_t>(id));
  if (auto done = directory.execute(
          ("INSERT INTO main.account (" + list + ") SELECT " + list + " FROM main.account WHERE id = " + old_number)
              .c_str());
      !done) {
    return done.error();
  }
  if (directory.changes() != 1) return Error{Errc::not_found, "no such account"};
  auto last = directory.value("SELECT last_insert_rowid()");
  if (!last) return last.error();
  auto tables = account_tables(directory);
  if (!tables) return tables.error();
  for (const Table& table : *tables) {
    if (auto done = directory.execute(("UPDATE main." + identifier(table.name) + " SET account_id = " +
                                       std::to_string(last->value_or(0)) + " WHERE account_id = " + old_number)
                                          .c_str());
        !done) {
      return done.error();
    }
  }
  if (auto done = directory.run("DELETE FROM main.account WHERE id = ?1", id); !done) return done.error();
  return static_cast<AccountId>(last->value_or(0));
}

Result<void> delete_everywhere(Connection& directory, AccountId id) {
  auto tables = account_tables(directory);
  if (!tables) return tables.error();
  const std::string number = std::to_string(static_cast<std::int64_t>(id));
  for (const Table& table : *tables) {
    if (auto done =
            directory.execute(("DELETE FROM main." + identifier(table.name) + " WHERE account_id = " + number).c_str());
        !done) {
      return done;
    }
  }
  return directory.run("DELETE FROM main.account WHERE id = ?1", id);
}

}  // namespace postfach::sqlite
