#include "mailboxes.h"

#include <algorithm>
#include <array>

#include "imports.h"

namespace postfach::sqlite {
namespace {

// In read_row's order.
constexpr std::string_view kColumns =
    "SELECT id, name, special_use, selectable, uid_validity, uid_next, highest_modseq, flags_modseq, expunge_modseq, "
    "log_floor, log_ranges, messages, unseen, deleted, bytes, deleted_bytes, first_recent_uid, recent, "
    "quota_bytes, quota_messages FROM mailbox ";

// The text of a statement, which the cache of statements knows by its address.
template <std::size_t size>
consteval std::array<char, kColumns.size() + size> select(const char (&condition)[size]) {
  std::array<char, kColumns.size() + size> text{};
  std::copy_n(condition, size, std::copy(kColumns.begin(), kColumns.end(), text.begin()));
  return text;
}

constexpr auto kById = select("WHERE id = ?1");
constexpr auto kByName = select("WHERE name = ?1");
constexpr auto kBySpecialUse = select("WHERE special_use = ?1 LIMIT 1");
constexpr auto kTree = select("WHERE name = ?1 OR (name >= ?2 AND name < ?3) ORDER BY name");
constexpr auto kAll = select("");
constexpr auto kByPrefix = select("WHERE name >= ?1 AND name < ?2 ORDER BY name");

MailboxRow read_row(const Statement& rows) {
  MailboxRow row;
  row.id = rows.number<MailboxId>(0);
  row.name = rows.text(1);
  row.special_use = rows.number<SpecialUse>(2);
  row.selectable = rows.integer(3) != 0;
  row.uid_validity = rows.number<UidValidity>(4);
  row.uid_next = rows.number<Uid>(5);
  row.highest_modseq = rows.number<ModSeq>(6);
  row.flags_modseq = rows.number<ModSeq>(7);
  row.expunge_modseq = rows.number<ModSeq>(8);
  row.log_floor = rows.number<ModSeq>(9);
  row.log_ranges = rows.number<std::uint64_t>(10);
  row.messages = rows.number<std::uint32_t>(11);
  row.unseen = rows.number<std::uint32_t>(12);
  row.deleted = rows.number<std::uint32_t>(13);
  row.bytes = rows.number<std::uint64_t>(14);
  row.deleted_bytes = rows.number<std::uint64_t>(15);
  row.first_recent_uid = rows.number<Uid>(16);
  row.recent = rows.number<std::uint32_t>(17);
  if (!rows.is_null(18)) row.quota_bytes = rows.number<std::uint64_t>(18);
  if (!rows.is_null(19)) row.quota_messages = rows.number<std::uint64_t>(19);
  return row;
}

Result<MailboxRow> only_mailbox(Statement rows) {
  if (rows.next()) return read_row(rows);
  if (!rows.ok()) return rows.error();
  return Error{Errc::not_found, "no such mailbox"};
}

Result<std::vector<MailboxRow>> all_rows(Statement rows) {
  std::vector<MailboxRow> list;
  while (rows.next()) list.push_back(read_row(rows));
  if (!rows.ok()) return rows.error();
  return list;
}

// What is behind all names that begin with prefix.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  if (end.empty()) return "\xFF";  // which stands in no name
  if (end.back() == '\xFF') return end;
  end.back() = static_cast<char>(end.back() + 1);
  return end;
}

}  // namespace

Result<MailboxRow> load_mailbox(Connection& db, MailboxId id) { return only_mailbox(db.query(kById.data(), id)); }

Result<MailboxRow> find_mailbox(Connection& db, std::string_view name) {
  return only_mailbox(db.query(kByName.data(), name));
}

Result<std::vector<MailboxRow>> list_mailboxes(Connection& db, std::string_view name) {
  // '0' is the octet behind '/': the names between "x/" and "x0" are those below x.
  const std::string first = std::string(name) + '/';
  const std::string end = std::string(name) + '0';
  return all_rows(db.query(kTree.data(), name, first, end));
}

Result<std::vector<MailboxRow>> list_all(Connection& db) { return all_rows(db.query(kAll.data())); }

Result<bool> has_children(Connection& db, std::string_view name) {
  const std::string first = std::string(name) + '/';
  const std::string end = std::string(name) + '0';
  auto found = db.value("SELECT 1 FROM mailbox WHERE name >= ?1 AND name < ?2 LIMIT 1", first, end);
  if (!found) return found.error();
  return found->has_value();
}

MailboxCursor::MailboxCursor(Connection& db, std::string_view prefix)
    : rows_(db.query(kByPrefix.data(), prefix, end_of(prefix))) {}

bool MailboxCursor::next() { return rows_.next(); }

MailboxRow MailboxCursor::take_row() const { return read_row(rows_); }

Result<std::uint64_t> count_mailboxes(Connection& db) {
  auto count = db.value("SELECT count(*) FROM mailbox");
  if (!count) return count.error();
  return static_cast<std::uint64_t>(count->value_or(0));
}

Result<MailboxRow> find_special_use(Connection& db, SpecialUse use) {
  return only_mailbox(db.query(kBySpecialUse.data(), use));
}

Result<void> insert_mailbox(Connection& db, MailboxRow& row) {
  auto inserted = db.query(
      "INSERT INTO mailbox (name, special_use, selectable, uid_validity, highest_modseq, log_floor) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
      row.name, row.special_use, row.selectable, row.uid_validity, row.highest_modseq, row.log_floor);
  if (inserted.next()) row.id = inserted.number<MailboxId>(0);
  return inserted.run();
}

Result<void> save_mailbox(Connection& db, const MailboxRow& row) {
  return db.run(
      "UPDATE mailbox SET special_use = ?2, selectable = ?3, uid_validity = ?4, uid_next = ?5, "
      "highest_modseq = ?6, flags_modseq = ?7, expunge_modseq = ?8, log_floor = ?9, log_ranges = ?10, "
      "messages = ?11, unseen = ?12, deleted = ?13, bytes = ?14, deleted_bytes = ?15, first_recent_uid = ?16, "
      "recent = ?17, quota_bytes = ?18, quota_messages = ?19 WHERE id = ?1",
      row.id, row.special_use, row.selectable, row.uid_validity, row.uid_next, row.highest_modseq, row.flags_modseq,
      row.expunge_modseq, row.log_floor, row.log_ranges, row.messages, row.unseen, row.deleted, row.bytes,
      row.deleted_bytes, row.first_recent_uid, row.recent, row.quota_bytes, row.quota_messages);
}

Result<void> rename_mailbox(Connection& db, MailboxId id, std::string_view name) {
  return db.run("UPDATE mailbox SET name = ?2 WHERE id = ?1", id, StableText{name});
}

Result<void> delete_mailbox(Connection& db, MailboxId id) {
  if (auto done = delete_imports(db, id); !done) return done;
  if (auto done = db.run("DELETE FROM keyword WHERE mailbox_id = ?1", id); !done) return done;
  if (auto done = db.run("DELETE FROM expunged WHERE mailbox_id = ?1", id); !done) return done;
  return db.run("DELETE FROM mailbox WHERE id = ?1", id);
}

Result<std::vector<std::string>> list_subscriptions(Connection& db, std::string_view prefix) {
  std::vector<std::string> names;
  auto rows =
      db.query("SELECT name FROM subscription WHERE name >= ?1 AND name < ?2 ORDER BY name", prefix, end_of(prefix));
  while (rows.next()) names.emplace_back(rows.text(0));
  if (!rows.ok()) return rows.error();
  return names;
}

Result<bool> is_subscribed(Connection& db, std::string_view name) {
  auto found = db.value("SELECT 1 FROM subscription WHERE name = ?1", name);
  if (!found) return found.error();
  return found->has_value();
}

Result<std::uint64_t> count_subscriptions(Connection& db) {
  auto count = db.value("SELECT count(*) FROM subscription");
  if (!count) return count.error();
  return static_cast<std::uint64_t>(count->value_or(0));
}

Result<void> insert_subscription(Connection& db, std::string_view name) {
  return db.run("INSERT OR IGNORE INTO subscription (name) VALUES (?1)", name);
}

Result<void> delete_subscription(Connection& db, std::string_view name) {
  return db.run("DELETE FROM subscription WHERE name = ?1", name);
}

}  // namespace postfach::sqlite
