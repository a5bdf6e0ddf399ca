#include "directory.h"

#include "base/ascii.h"

namespace postfach::sqlite {
namespace {

// Of a row with the columns id, name, enabled, password_hash, scram_keys.
DirectoryRow current_row(const Statement& rows) {
  return DirectoryRow{rows.number<AccountId>(0), std::string(rows.text(1)), rows.integer(2) != 0,
                      std::string(rows.text(3)),
                      rows.is_null(4) ? std::nullopt : std::optional(std::string(rows.text(4)))};
}

Result<DirectoryRow> only_account(Statement rows) {
  if (rows.next()) return current_row(rows);
  if (!rows.ok()) return rows.error();
  return Error{Errc::not_found, "no such account"};
}

}  // namespace

Result<DirectoryRow> find_account(Connection& db, std::string_view name, IdentityKind kind) {
  return only_account(
      db.query("SELECT account.id, account.name, enabled, password_hash, scram_keys FROM identity "
               "JOIN account ON account.id = account_id WHERE key = ?1 "
               "AND (?2 = 0 OR is_name OR (?2 = 1 AND is_login) OR (?2 = 2 AND is_address))",
               base::to_lower(name), kind));
}

Result<DirectoryRow> load_account_by_id(Connection& db, AccountId id) {
  return only_account(db.query("SELECT id, name, enabled, password_hash, scram_keys FROM account WHERE id = ?1", id));
}

Result<std::vector<DirectoryRow>> list_accounts(Connection& db) {
  std::vector<DirectoryRow> list;
  auto rows = db.query("SELECT id, name, enabled, password_hash, scram_keys FROM account ORDER BY name");
  while (rows.next()) list.push_back(current_row(rows));
  if (!rows.ok()) return rows.error();
  return list;
}

Result<std::vector<AccountId>> list_account_ids(Connection& db, AccountId from, std::size_t most) {
  std::vector<AccountId> list;
  auto rows = db.query("SELECT id FROM account WHERE id >= ?1 ORDER BY id LIMIT ?2", from, most);
  while (rows.next()) list.push_back(rows.number<AccountId>(0));
  if (!rows.ok()) return rows.error();
  return list;
}

Result<AccountId> insert_account(Connection& db, std::string_view name, std::string_view password_hash,
                                 const std::optional<std::string>& scram_keys, std::int64_t created) {
  const std::string key = base::to_lower(name);
  auto taken = db.value("SELECT 1 FROM identity WHERE key = ?1", key);
  if (!taken) return taken.error();
  if (taken->has_value()) return Error{Errc::already_exists, "the name is taken: " + std::string(name)};
  auto id =
      db.value("INSERT INTO account (name, password_hash, scram_keys, created) VALUES (?1, ?2, ?3, ?4) RETURNING id",
               name, password_hash, scram_keys, created);
  if (!id) return id.error();
  if (auto done = db.run("INSERT INTO identity (key, name, account_id, is_name) VALUES (?1, ?2, ?3, 1)", key, name,
                         id->value_or(0));
      !done) {
    return done.error();
  }
  return static_cast<AccountId>(id->value_or(0));
}

Result<void> delete_account(Connection& db, AccountId id) {
  return db.run("DELETE FROM account WHERE id = ?1", id);  // its identities go with it
}

Result<void> set_account_password(Connection& db, AccountId id, std::string_view hash,
                                  const std::optional<std::string>& scram_keys) {
  return db.run("UPDATE account SET password_hash = ?2, scram_keys = ?3 WHERE id = ?1", id, hash, scram_keys);
}

Result<bool> all_have_scram_keys(Connection& db) {
  auto without = db.value("SELECT 1 FROM account WHERE scram_keys IS NULL AND password_hash <> '' LIMIT 1");
  if (!without) return without.error();
  return !without->has_value();
}

Result<std::optional<std::string>> load_secret(Connection& db, std::string_view name) {
  auto rows = db.query("SELECT value FROM secret WHERE name = ?1", name);
  if (rows.next()) return std::optional(std::string(rows.blob(0)));
  if (!rows.ok()) return rows.error();
  return std::optional<std::string>();
}

Result<void> insert_secret(Connection& db, std::string_view name, std::string_view octets) {
  return db.run("INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)", name, Octets{octets});
}

Result<void> set_account_enabled(Connection& db, AccountId id, bool enabled) {
  return db.run("UPDATE account SET enabled = ?2 WHERE id = ?1", id, enabled);
}

Result<void> insert_identity(Connection& db, AccountId id, std::string_view name, IdentityKind kind) {
  const bool is_login = kind == IdentityKind::login;
  const std::string key = base::to_lower(name);
  {
    auto rows = db.query(
        "SELECT account_id, is_name OR CASE WHEN ?2 THEN is_login ELSE is_address END "
        "FROM identity WHERE key = ?1",
        key, is_login);
    if (rows.next() && (rows.number<AccountId>(0) != id || rows.integer(1) != 0)) {
      return Error{Errc::already_exists, "the name is taken: " + std::string(name)};
    }
    if (!rows.ok()) return rows.error();
  }
  return db.run(
      "INSERT INTO identity (key, name, account_id, is_login, is_address) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT (key) DO UPDATE SET is_login = is_login OR ?4, is_address = is_address OR ?5",
      key, name, id, is_login, !is_login);
}

Result<void> delete_identity(Connection& db, AccountId id, std::string_view name, IdentityKind kind) {
  const bool is_login = kind == IdentityKind::login;
  const std::string key = base::to_lower(name);
  if (auto done =
          db.run("UPDATE identity SET is_login = is_login AND NOT ?3, is_address = is_address AND ?3 WHERE key = ?1 "
                 "AND account_id = ?2 AND NOT is_name AND CASE WHEN ?3 THEN is_login ELSE is_address END",
                 key, id, is_login);
      !done) {
    return done;
  }
  if (db.changes() == 0) return Error{Errc::not_found, "the account has no such name: " + std::string(name)};
  return db.run("DELETE FROM identity WHERE key = ?1 AND NOT (is_name OR is_login OR is_address)", key);
}

Result<std::vector<std::string>> list_identities(Connection& db, AccountId id, IdentityKind kind) {
  std::vector<std::string> names;
  auto rows = db.query(
      "SELECT name FROM identity WHERE account_id = ?1 AND NOT is_name "
      "AND CASE WHEN ?2 THEN is_login ELSE is_address END ORDER BY key",
      id, kind == IdentityKind::login);
  while (rows.next()) names.emplace_back(rows.text(0));
  if (!rows.ok()) return rows.error();
  return names;
}

}  // namespace postfach::sqlite
