#include "quota_tables.h"

#include "base/ascii.h"

namespace postfach::sqlite {
namespace {

std::optional<std::uint64_t> limit_of(const Statement& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return rows.number<std::uint64_t>(column);
}

GroupRow read_group(const Statement& rows) {
  GroupRow row;
  row.id = rows.number<GroupId>(0);
  row.name = rows.text(1);
  if (!rows.is_null(2)) row.parent = rows.number<GroupId>(2);
  row.usage = {rows.number<std::uint64_t>(3), rows.number<std::uint64_t>(4)};
  row.quota_bytes = limit_of(rows, 5);
  row.quota_messages = limit_of(rows, 6);
  return row;
}

Result<GroupRow> only_group(Statement rows) {
  if (rows.next()) return read_group(rows);
  if (!rows.ok()) return rows.error();
  return Error{Errc::not_found, "no such quota group"};
}

UsageRow read_usage(const Statement& rows) {
  UsageRow row;
  row.account = rows.number<AccountId>(0);
  if (!rows.is_null(1)) row.group = rows.number<GroupId>(1);
  row.is_assigned = rows.integer(2) != 0;
  row.usage = {rows.number<std::uint64_t>(3), rows.number<std::uint64_t>(4)};
  row.modseq = rows.number<ModSeq>(5);
  row.epoch = rows.integer(6);
  row.quota_bytes = limit_of(rows, 7);
  row.quota_messages = limit_of(rows, 8);
  return row;
}

// The group and all above it.
Result<void> add_to_groups(Connection& db, std::optional<GroupId> group, std::int64_t bytes, std::int64_t messages) {
  if (!group || (bytes == 0 && messages == 0)) return {};
  return db.run(
      "WITH RECURSIVE above (id) AS (VALUES (?1) UNION SELECT parent_id FROM quota_group JOIN above USING (id) "
      "WHERE parent_id IS NOT NULL) "
      "UPDATE quota_group SET bytes = bytes + ?2, messages = messages + ?3 WHERE id IN (SELECT id FROM above)",
      *group, bytes, messages);
}

Result<void> add_to_groups(Connection& db, std::optional<GroupId> group, const Usage& usage) {
  return add_to_groups(db, group, static_cast<std::int64_t>(usage.bytes), static_cast<std::int64_t>(usage.messages));
}

Result<void> take_from_groups(Connection& db, std::optional<GroupId> group, const Usage& usage) {
  return add_to_groups(db, group, -static_cast<std::int64_t>(usage.bytes), -static_cast<std::int64_t>(usage.messages));
}

}  // namespace

Result<GroupRow> find_group(Connection& db, std::string_view name) {
  return only_group(
      db.query("SELECT id, name, parent_id, bytes, messages, quota_bytes, quota_messages FROM quota_group "
               "WHERE key = ?1",
               base::to_lower(name)));
}

Result<GroupRow> load_group(Connection& db, GroupId id) {
  return only_group(
      db.query("SELECT id, name, parent_id, bytes, messages, quota_bytes, quota_messages FROM quota_group "
               "WHERE id = ?1",
               id));
}

Result<std::vector<GroupRow>> list_groups(Connection& db) {
  std::vector<GroupRow> list;
  auto rows = db.query(
      "SELECT id, name, parent_id, bytes, messages, quota_bytes, quota_messages FROM quota_group ORDER BY key");
  while (rows.next()) list.push_back(read_group(rows));
  if (!rows.ok()) return rows.error();
  return list;
}

Result<GroupId> insert_group(Connection& db, std::string_view name) {
  auto id = db.value("INSERT INTO quota_group (key, name) VALUES (?1, ?2) RETURNING id", base::to_lower(name), name);
  if (!id) return id.error();
  return static_cast<GroupId>(id->value_or(0));
}

Result<void> save_group(Connection& db, const GroupRow& row) {
  auto before = load_group(db, row.id);
  if (!before) return before.error();
  if (before->parent != row.parent) {
    if (auto done = take_from_groups(db, before->parent, before->usage); !done) return done;
    if (auto done = add_to_groups(db, row.parent, before->usage); !done) return done;
  }
  return db.run("UPDATE quota_group SET parent_id = ?2, quota_bytes = ?3, quota_messages = ?4 WHERE id = ?1", row.id,
                row.parent, row.quota_bytes, row.quota_messages);
}

Result<void> delete_group(Connection& db, GroupId id) {
  auto row = load_group(db, id);
  if (!row) return row.error();
  // The sums of the groups above stay: what it held is still below them.
  if (auto done = db.run("UPDATE quota_group SET parent_id = ?2 WHERE parent_id = ?1", id, row->parent); !done) {
    return done;
  }
  if (auto done = db.run("UPDATE usage SET group_id = ?2 WHERE group_id = ?1", id, row->parent); !done) return done;
  return db.run("DELETE FROM quota_group WHERE id = ?1", id);
}

Result<std::vector<WrongGroup>> wrong_groups(Connection& db) {
  std::vector<WrongGroup> list;
  auto rows = db.query(
      "WITH RECURSIVE below (top, id) AS (SELECT id, id FROM quota_group "
      "UNION ALL SELECT top, g.id FROM below JOIN quota_group AS g ON g.parent_id = below.id), "
      "sums AS (SELECT top, sum(u.bytes) AS octets, sum(u.messages) AS n FROM below JOIN usage AS u "
      "ON u.group_id = below.id GROUP BY top) "
      "SELECT id, name, bytes, messages, ifnull(octets, 0), ifnull(n, 0) FROM quota_group LEFT JOIN sums ON top = id "
      "WHERE bytes <> ifnull(octets, 0) OR messages <> ifnull(n, 0)");
  while (rows.next()) {
    list.push_back({rows.number<GroupId>(0),
                    std::string(rows.text(1)),
                    {rows.number<std::uint64_t>(2), rows.number<std::uint64_t>(3)},
                    {rows.number<std::uint64_t>(4), rows.number<std::uint64_t>(5)}});
  }
  if (!rows.ok()) return rows.error();
  return list;
}

Result<std::uint64_t> recount_groups(Connection& db) {
  auto wrong = wrong_groups(db);
  if (!wrong) return wrong.error();
  for (const WrongGroup& group : *wrong) {
    auto done = db.run("UPDATE quota_group SET bytes = ?2, messages = ?3 WHERE id = ?1", group.id, group.usage.bytes,
                       group.usage.messages);
    if (!done) return done.error();
  }
  return wrong->size();
}

Result<bool> is_within(Connection& db, GroupId id, GroupId other) {
  auto found = db.value(
      "WITH RECURSIVE above (id) AS (VALUES (?1) UNION SELECT parent_id FROM quota_group JOIN above USING (id) "
      "WHERE parent_id IS NOT NULL) SELECT 1 FROM above WHERE id = ?2",
      id, other);
  if (!found) return found.error();
  return found->has_value();
}

Result<std::optional<UsageRow>> find_usage(Connection& db, AccountId account) {
  auto rows = db.query(
      "SELECT account_id, group_id, is_assigned, bytes, messages, modseq, epoch, quota_bytes, quota_messages "
      "FROM usage WHERE account_id = ?1",
      account);
  if (rows.next()) return std::optional(read_usage(rows));
  if (!rows.ok()) return rows.error();
  return std::optional<UsageRow>();
}

Result<void> save_usage(Connection& db, const UsageRow& row) {
  auto before = find_usage(db, row.account);
  if (!before) return before.error();
  const UsageRow old = before->value_or(UsageRow());
  if (old.group == row.group) {
    const auto bytes = static_cast<std::int64_t>(row.usage.bytes - old.usage.bytes);
    const auto messages = static_cast<std::int64_t>(row.usage.messages - old.usage.messages);
    if (auto done = add_to_groups(db, row.group, bytes, messages); !done) return done;
  } else {
    if (auto done = take_from_groups(db, old.group, old.usage); !done) return done;
    if (auto done = add_to_groups(db, row.group, row.usage); !done) return done;
  }
  return db.run(
      "INSERT OR REPLACE INTO usage (account_id, group_id, is_assigned, bytes, messages, modseq, epoch, "
      "quota_bytes, quota_messages) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      row.account, row.group, row.is_assigned, row.usage.bytes, row.usage.messages, row.modseq, row.epoch,
      row.quota_bytes, row.quota_messages);
}

Result<void> delete_usage(Connection& db, AccountId account) {
  auto row = find_usage(db, account);
  if (!row) return row.error();
  if (!row->has_value()) return {};
  if (auto done = take_from_groups(db, (*row)->group, (*row)->usage); !done) return done;
  return db.run("DELETE FROM usage WHERE account_id = ?1", account);
}

Result<std::vector<UsageRow>> list_usage(Connection& db) {
  std::vector<UsageRow> list;
  auto rows = db.query(
      "SELECT account_id, group_id, is_assigned, bytes, messages, modseq, epoch, quota_bytes, quota_messages "
      "FROM usage ORDER BY account_id");
  while (rows.next()) list.push_back(read_usage(rows));
  if (!rows.ok()) return rows.error();
  return list;
}

Result<std::vector<AccountId>> list_uncertain(Connection& db, std::optional<GroupId> group, AccountId from,
                                              std::int64_t epoch, std::size_t most) {
  std::vector<AccountId> list;
  auto rows = group ? db.query(
                          "WITH RECURSIVE below (id) AS (VALUES (?1) UNION SELECT quota_group.id FROM quota_group "
                          "JOIN below ON parent_id = below.id) "
                          "SELECT account_id FROM usage WHERE group_id IN (SELECT id FROM below) AND account_id >= ?2 "
                          "AND epoch <> ?3 ORDER BY account_id LIMIT ?4",
                          *group, from, epoch, most)
                    : db.query(
                          "SELECT account_id FROM usage WHERE (epoch < ?2 OR epoch > ?2) AND account_id >= ?1 "
                          "ORDER BY account_id LIMIT ?3",
                          from, epoch, most);
  while (rows.next()) list.push_back(rows.number<AccountId>(0));
  if (!rows.ok()) return rows.error();
  return list;
}

Result<std::optional<GroupRow>> find_full_group(Connection& db, GroupId id, const Usage& added) {
  const auto lacks = [](std::uint64_t used, std::uint64_t more, const std::optional<std::uint64_t>& most) {
    return most && more > 0 && (used > *most || more > *most - used);
  };
  for (std::optional<GroupId> next = id; next;) {
    auto group = load_group(db, *next);
    if (!group) return group.error();
    if (lacks(group->usage.bytes, added.bytes, group->quota_bytes) ||
        lacks(group->usage.messages, added.messages, group->quota_messages)) {
      return std::optional(*std::move(group));
    }
    next = group->parent;
  }
  return std::optional<GroupRow>();
}

Result<QuotaState> load_quota_state(Connection& db) {
  auto rows = db.query("SELECT is_open, epoch FROM state");
  if (rows.next()) return QuotaState{rows.integer(0) != 0, rows.integer(1)};
  if (!rows.ok()) return rows.error();
  return Error{Errc::corrupt, "the state of the quota database is missing"};
}

Result<void> save_quota_state(Connection& db, const QuotaState& state) {
  return db.run("UPDATE state SET is_open = ?1, epoch = ?2", state.is_open, state.epoch);
}

}  // namespace postfach::sqlite
