#include "maildrop_tables.h"

#include <string>
#include <string_view>

#include "messages.h"

namespace postfach::sqlite {
namespace {

// Names of mailboxes have no control characters.
std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += '\n';
    text += name;
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find('\n'));
    names.emplace_back(name);
    text.remove_prefix(name.size() < text.size() ? name.size() + 1 : name.size());
  }
  return names;
}

std::optional<std::int64_t> number_of(const Statement& rows, int column) {
  return rows.is_null(column) ? std::nullopt : std::optional(rows.integer(column));
}

}  // namespace

Result<std::optional<MaildropPolicy>> load_policy(Connection& db, AccountId account) {
  auto rows = db.query(
      "SELECT on_delete, keep_days, retr_sets_seen, mailboxes, newest, days, login_delay, expire_days "
      "FROM maildrop_policy WHERE account_id = ?1",
      account);
  if (rows.next()) {
    MaildropPolicy policy;
    policy.on_delete = rows.number<OnDelete>(0);
    policy.keep_days = rows.number<std::uint32_t>(1);
    policy.retr_sets_seen = rows.integer(2) != 0;
    policy.mailboxes = split(rows.text(3));
    policy.newest = rows.number<std::uint32_t>(4);
    policy.days = rows.number<std::uint32_t>(5);
    policy.login_delay = std::chrono::seconds(rows.integer(6));
    if (!rows.is_null(7)) policy.expire_days = rows.number<std::uint32_t>(7);
    return std::optional(std::move(policy));
  }
  if (!rows.ok()) return rows.error();
  return std::optional<MaildropPolicy>();
}

Result<void> save_policy(Connection& db, AccountId account, const std::optional<MaildropPolicy>& policy) {
  if (!policy) return db.run("DELETE FROM maildrop_policy WHERE account_id = ?1", account);
  return db.run(
      "INSERT OR REPLACE INTO maildrop_policy (account_id, on_delete, keep_days, retr_sets_seen, mailboxes, newest, "
      "days, login_delay, expire_days) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      account, policy->on_delete, policy->keep_days, policy->retr_sets_seen, join(policy->mailboxes), policy->newest,
      policy->days, policy->login_delay.count(), policy->expire_days);
}

// Each of the subqueries is one look into an index.
Result<MaildropBounds> load_bounds(Connection& db, const MaildropPolicy& common) {
  auto rows = db.query(
      "SELECT (SELECT min(login_delay) FROM maildrop_policy), (SELECT max(login_delay) FROM maildrop_policy), "
      "(SELECT min(expire_days) FROM maildrop_policy), (SELECT max(expire_days) FROM maildrop_policy), "
      "EXISTS (SELECT 1 FROM maildrop_policy WHERE expire_days IS NULL)");
  if (!rows.next()) return rows.error();
  MaildropBounds bounds{.login_delay = common.login_delay, .expire_days = common.expire_days};
  if (const auto least = number_of(rows, 0)) {
    const std::int64_t most = rows.integer(1);
    bounds.login_delay_differs = *least != common.login_delay.count() || most != *least;
    bounds.login_delay = std::max(common.login_delay, std::chrono::seconds(most));
  }
  const bool any_never = rows.integer(4) != 0;
  if (const auto least = number_of(rows, 2)) {
    const auto fewest = static_cast<std::uint32_t>(*least);
    bounds.expire_days_differ =
        any_never || !common.expire_days || *common.expire_days != fewest || rows.integer(3) != *least;
    bounds.expire_days = std::min(fewest, common.expire_days.value_or(fewest));
  } else {
    bounds.expire_days_differ = any_never && common.expire_days;
  }
  return bounds;
}

Result<std::optional<DueRow>> find_due(Connection& db, AccountId account) {
  auto rows = db.query("SELECT due, is_idle FROM maildrop_due WHERE account_id = ?1", account);
  if (rows.next()) return std::optional(DueRow{account, rows.integer(0), rows.integer(1) != 0});
  if (!rows.ok()) return rows.error();
  return std::optional<DueRow>();
}

Result<void> announce_due(Connection& db, AccountId account, std::int64_t time) {
  return db.run(
      "INSERT INTO maildrop_due (account_id, due, is_idle) VALUES (?1, ?2, 0) "
      "ON CONFLICT (account_id) DO UPDATE SET due = min(due, ?2), is_idle = 0",
      account, time);
}

Result<std::optional<DueRow>> first_due(Connection& db, std::int64_t now) {
  auto rows = db.query("SELECT account_id, due, is_idle FROM maildrop_due WHERE due <= ?1 ORDER BY due LIMIT 1", now);
  if (rows.next()) return std::optional(DueRow{rows.number<AccountId>(0), rows.integer(1), rows.integer(2) != 0});
  if (!rows.ok()) return rows.error();
  return std::optional<DueRow>();
}

Result<void> settle_due(Connection& db, const DueRow& looked, std::optional<std::int64_t> next, std::int64_t recheck) {
  if (!looked.is_idle) {
    const bool is_soon = next && *next < recheck;
    return db.run("UPDATE maildrop_due SET due = ?2, is_idle = ?3 WHERE account_id = ?1", looked.account,
                  is_soon ? *next : recheck, !is_soon);
  }
  // Unless something was announced meanwhile.
  if (!next) {
    return db.run("DELETE FROM maildrop_due WHERE account_id = ?1 AND is_idle AND due = ?2", looked.account,
                  looked.due);
  }
  return db.run("UPDATE maildrop_due SET due = ?3, is_idle = 0 WHERE account_id = ?1 AND is_idle AND due = ?2",
                looked.account, looked.due, *next);
}

Result<void> put_off_due(Connection& db, AccountId account, std::int64_t time) {
  return db.run("UPDATE maildrop_due SET due = ?2, is_idle = 0 WHERE account_id = ?1", account, time);
}

Result<void> insert_removals(Connection& db, MailboxId mailbox, const UidSet& uids, std::int64_t due, Removal action,
                             bool if_new) {
  auto insert = db.query(
      "INSERT INTO removal (mailbox_id, uid, due, action) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (mailbox_id, uid) DO UPDATE SET due = excluded.due, action = excluded.action WHERE NOT ?5");
  MessageCursor messages(db, mailbox, uids);
  while (messages.next()) {
    insert.bind(mailbox, messages.row().uid, due, action, if_new);
    if (auto done = insert.run(); !done) return done;
  }
  if (!messages.ok()) return messages.error();
  return {};
}

Result<void> delete_removals(Connection& db, MailboxId mailbox, const UidSet& uids) {
  auto any = db.value("SELECT 1 FROM removal LIMIT 1");
  if (!any) return any.error();
  if (!any->has_value()) return {};
  auto remove = db.query("DELETE FROM removal WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3");
  for (const UidRange& range : uids.ranges()) {
    remove.bind(mailbox, range.first, range.last);
    if (auto done = remove.run(); !done) return done;
  }
  return {};
}

Result<void> delete_all_removals(Connection& db) { return db.run("DELETE FROM removal"); }

Result<std::vector<RemovalRow>> due_removals(Connection& db, std::int64_t now, std::size_t most) {
  std::vector<RemovalRow> list;
  auto rows = db.query(
      "SELECT mailbox_id, uid, action FROM (SELECT mailbox_id, uid, action FROM removal WHERE due <= ?1 ORDER BY due "
      "LIMIT ?2) ORDER BY mailbox_id, action, uid",
      now, most);
  while (rows.next()) list.push_back({rows.number<MailboxId>(0), rows.number<Uid>(1), rows.number<Removal>(2)});
  if (!rows.ok()) return rows.error();
  return list;
}

Result<std::optional<std::int64_t>> next_removal(Connection& db) { return db.value("SELECT min(due) FROM removal"); }

Result<void> hide_messages(Connection& db, MailboxId mailbox, const UidSet& uids) {
  MessageEditor messages(db, mailbox, uids);
  while (messages.next()) {
    MessageRow row = messages.row();
    if ((row.flag_bits & kHiddenFromPop3) != 0) continue;
    row.flag_bits |= kHiddenFromPop3;
    messages.replace(row);
  }
  if (!messages.ok()) return messages.error();
  return {};
}

Result<std::uint64_t> show_all_messages(Connection& db) {
  std::uint64_t count = 0;
  auto rows = db.query("SELECT id, entries FROM message_block ORDER BY id");
  std::string changed;
  while (rows.next()) {
    const Entries entries(rows.blob(1));
    changed.clear();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if ((entries.flag_bits(i) & kHiddenFromPop3) == 0) continue;
      if (changed.empty()) changed = entries.octets();
      MessageRow row;
      entries.read(i, row);
      row.flag_bits &= ~kHiddenFromPop3;
      pack(row, changed.data() + i * kEntryOctets);
      ++count;
    }
    if (changed.empty()) continue;
    if (auto done = update_block(db, rows.integer(0), changed); !done) return done.error();
  }
  if (!rows.ok()) return rows.error();
  return count;
}

Result<Uid> first_of_newest(Connection& db, MailboxId mailbox, std::uint32_t newest) {
  return last_shown(db, mailbox, newest - 1);
}

Result<Uid> load_floor(Connection& db, MailboxId mailbox, std::uint32_t newest) {
  auto uid = db.value("SELECT uid FROM maildrop_floor WHERE mailbox_id = ?1 AND newest = ?2", mailbox, newest);
  if (!uid) return uid.error();
  return static_cast<Uid>(uid->value_or(0));
}

Result<void> save_floor(Connection& db, MailboxId mailbox, std::uint32_t newest, Uid uid) {
  return db.run("INSERT OR REPLACE INTO maildrop_floor (mailbox_id, newest, uid) VALUES (?1, ?2, ?3)", mailbox, newest,
                uid);
}

Result<void> delete_all_floors(Connection& db) { return db.run("DELETE FROM maildrop_floor"); }

}  // namespace postfach::sqlite
