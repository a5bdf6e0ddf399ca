#include "repair.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "account_row.h"
#include "keywords.h"
#include "messages.h"
#include "thread_repair.h"

namespace postfach::sqlite {
namespace {

template <class Number>
Result<void> collect(Statement rows, std::vector<Number>& list) {
  while (rows.next()) list.push_back(rows.number<Number>(0));
  if (!rows.ok()) return rows.error();
  return {};
}

// The expunge log of a mailbox as verify_mail() wants it.
Result<bool> is_log_sound(Connection& db, const MailboxRow& mailbox) {
  auto rows = db.query(
      "SELECT count(*), ifnull(max(modseq), 0), min(modseq), ifnull(max(last_uid), 0) FROM expunged "
      "WHERE mailbox_id = ?1",
      mailbox.id);
  bool is_sound = false;
  if (rows.next()) {
    is_sound = rows.number<std::uint64_t>(0) == mailbox.log_ranges &&
               rows.number<ModSeq>(1) <= mailbox.expunge_modseq &&
               (rows.is_null(2) || rows.number<ModSeq>(2) > mailbox.log_floor);
  }
  if (!rows.ok()) return rows.error();
  auto in_use = db.value(
      "SELECT 1 FROM expunged CROSS JOIN message ON message.mailbox_id = expunged.mailbox_id "
      "AND uid BETWEEN first_uid AND last_uid WHERE expunged.mailbox_id = ?1 LIMIT 1",
      mailbox.id);
  if (!in_use) return in_use.error();
  return is_sound && !in_use->has_value();
}

bool are_equal(const MailboxRow& left, const MailboxRow& right) noexcept {
  return left.messages == right.messages && left.unseen == right.unseen && left.deleted == right.deleted &&
         left.bytes == right.bytes && left.deleted_bytes == right.deleted_bytes && left.recent == right.recent &&
         left.uid_next == right.uid_next && left.highest_modseq == right.highest_modseq &&
         left.flags_modseq == right.flags_modseq && left.expunge_modseq == right.expunge_modseq &&
         left.log_floor == right.log_floor && left.log_ranges == right.log_ranges;
}

struct Counted {
  MailboxRow row;
  bool is_log_sound = true;
};

Result<Counted> count(Connection& db, const MailboxRow& mailbox, ModSeq highest) {
  Counted counted{mailbox};
  MailboxRow& row = counted.row;
  row.messages = row.unseen = row.deleted = row.recent = 0;
  row.bytes = row.deleted_bytes = 0;
  Uid last_uid = 0;
  ModSeq last_modseq = 0;
  const UidSet all = UidSet::all();
  MessageCursor messages(db, mailbox.id, all);
  while (messages.next()) {
    const MessageRow& message = messages.row();
    last_uid = message.uid;
    last_modseq = std::max(last_modseq, message.modseq);
    ++row.messages;
    row.bytes += message.size;
    if (!message.flags().has(Flag::seen)) ++row.unseen;
    if (message.flags().has(Flag::deleted)) {
      ++row.deleted;
      row.deleted_bytes += message.size;
    }
    if (last_uid >= row.first_recent_uid) ++row.recent;
  }
  if (!messages.ok()) return messages.error();
  auto expunged = db.value("SELECT max(last_uid) FROM expunged WHERE mailbox_id = ?1", mailbox.id);
  if (!expunged) return expunged.error();
  last_uid = std::max(last_uid, static_cast<Uid>(expunged->value_or(0)));
  if (row.uid_next <= last_uid) row.uid_next = last_uid + 1;
  row.highest_modseq = std::max({row.highest_modseq, last_modseq, row.flags_modseq, row.expunge_modseq});
  auto sound = is_log_sound(db, row);
  if (!sound) return sound.error();
  counted.is_log_sound = *sound;
  if (!*sound) {
    row.log_ranges = 0;
    row.log_floor = row.expunge_modseq = std::max(row.highest_modseq, highest);
    row.highest_modseq = row.log_floor;
  }
  return counted;
}

struct UnnamedKeywords {
  KeywordMask named = 0;
  UidSet uids;  // of messages with other bits
};

Result<UnnamedKeywords> unnamed_keywords(Connection& db, MailboxId mailbox, std::size_t most) {
  UnnamedKeywords found;
  auto names = load_keywords(db, mailbox);
  if (!names) return names.error();
  for (std::size_t bit = 0; bit < names->size(); ++bit) {
    if (!(*names)[bit].empty()) found.named |= KeywordMask{1} << bit;
  }
  const UidSet all = UidSet::all();
  MessageCursor messages(db, mailbox, all);
  while (found.uids.count() < most && messages.next()) {
    if ((messages.row().keywords & ~found.named) != 0) found.uids.add(messages.row().uid);
  }
  if (!messages.ok()) return messages.error();
  return found;
}

}  // namespace

Result<UidSet> clear_unnamed_keywords(Connection& db, MailboxId mailbox, ModSeq modseq, std::size_t most) {
  auto found = unnamed_keywords(db, mailbox, most);
  if (!found) return found.error();
  MessageEditor messages(db, mailbox, found->uids);
  while (messages.next()) {
    MessageRow row = messages.row();
    row.keywords &= found->named;
    row.modseq = modseq;
    messages.replace(row);
  }
  if (!messages.ok()) return messages.error();
  return found->uids;
}

Result<Damage> find_damage(Connection& db) {
  Damage damage;
  auto account = load_account(db);
  if (!account) return account.error();
  if (auto done = collect(db.query(kWrongBlocks), damage.blocks); !done) return done.error();
  auto mailboxes = list_all(db);
  if (!mailboxes) return mailboxes.error();
  for (const MailboxRow& row : *mailboxes) {
    auto counted = count(db, row, account->highest_modseq);
    if (!counted) return counted.error();
    if (!are_equal(row, counted->row) || !counted->is_log_sound) damage.mailboxes.push_back(row.id);
  }
  auto sums = sum_up(db);
  if (!sums) return sums.error();
  damage.is_account_wrong =
      !damage.mailboxes.empty() || sums->bytes != account->bytes || sums->messages != account->messages ||
      sums->removed_bytes != account->removed_bytes || sums->removed_messages != account->removed_messages ||
      sums->highest_modseq > account->highest_modseq || sums->last_uid_validity > account->last_uid_validity ||
      sums->next_message_id > account->next_message_id;
  auto prefix = db.value("SELECT 1 FROM epoch LIMIT 1");
  if (!prefix) return prefix.error();
  damage.is_prefix_missing = !prefix->has_value();
  if (auto done = collect(db.query("SELECT body.id FROM body LEFT JOIN (SELECT body_id, count(*) AS n FROM "
                                   "(SELECT body_id FROM message UNION ALL SELECT body_id FROM removed) "
                                   "GROUP BY body_id) ON body_id = body.id WHERE refs <> ifnull(n, 0)"),
                          damage.bodies);
      !done) {
    return done.error();
  }
  if (auto done = collect(db.query("SELECT content.id FROM content LEFT JOIN body ON body.id = content.id "
                                   "WHERE body.id IS NULL"),
                          damage.contents);
      !done) {
    return done.error();
  }
  if (auto done = collect(db.query("SELECT message_id FROM uidl WHERE message_id NOT IN "
                                   "(SELECT id FROM message UNION ALL SELECT message_id FROM removed)"),
                          damage.uidls);
      !done) {
    return done.error();
  }
  if (auto done = collect(db.query("SELECT number FROM thread_ref, account "
                                   "WHERE thread_id NOT BETWEEN 1 AND next_message_id - 1"),
                          damage.thread_numbers);
      !done) {
    return done.error();
  }
  auto threads = find_thread_damage(db);
  if (!threads) return threads.error();
  damage.threads = *std::move(threads);
  for (const MailboxRow& row : *mailboxes) {
    auto unnamed = unnamed_keywords(db, row.id, 1);
    if (!unnamed) return unnamed.error();
    if (!unnamed->uids.empty()) damage.keywords.push_back(row.id);
  }
  return damage;
}

Result<std::uint64_t> repair_blocks(Connection& db, const std::vector<std::int64_t>& blocks) {
  std::uint64_t repaired = 0;
  for (const std::int64_t id : blocks) {
    std::string entries;
    {
      auto rows = db.query("SELECT entries FROM message_block WHERE id = ?1", id);
      if (rows.next()) entries = rows.blob(0);
      if (!rows.ok()) return rows.error();
    }
    if (entries.empty()) continue;
    if (auto done = update_block(db, id, entries); !done) return done.error();
    ++repaired;
  }
  return repaired;
}

Result<bool> recount(Connection& db, MailboxRow& mailbox, ModSeq highest) {
  auto counted = count(db, mailbox, highest);
  if (!counted) return counted.error();
  if (!counted->is_log_sound) {
    if (auto done = db.run("DELETE FROM expunged WHERE mailbox_id = ?1", mailbox.id); !done) return done.error();
  }
  const bool has_changed = !are_equal(mailbox, counted->row) || !counted->is_log_sound;
  mailbox = std::move(counted->row);
  return has_changed;
}

Result<std::uint64_t> repair_references(Connection& db, const std::vector<std::int64_t>& bodies,
                                        std::vector<std::string>& files) {
  std::unordered_map<std::int64_t, std::int64_t> found;
  for (const std::int64_t id : bodies) found.emplace(id, 0);
  {
    auto rows = db.query("SELECT body_id FROM message UNION ALL SELECT body_id FROM removed");
    while (rows.next()) {
      if (const auto place = found.find(rows.integer(0)); place != found.end()) ++place->second;
    }
    if (!rows.ok()) return rows.error();
  }
  std::uint64_t repaired = 0;
  for (const auto& [id, references] : found) {
    if (references > 0) {
      if (auto done = db.run("UPDATE body SET refs = ?2 WHERE id = ?1 AND refs <> ?2", id, references); !done) {
        return done.error();
      }
      repaired += static_cast<std::uint64_t>(db.changes());
      continue;
    }
    if (auto done = db.run("DELETE FROM content WHERE id = ?1", id); !done) return done.error();
    auto gone = db.query("DELETE FROM body WHERE id = ?1 RETURNING file", id);
    if (gone.next()) {
      ++repaired;
      if (!gone.is_null(0)) files.emplace_back(gone.text(0));
    }
    if (auto done = gone.run(); !done) return done.error();
  }
  return repaired;
}

Result<std::uint64_t> remove_stray_contents(Connection& db, const std::vector<std::int64_t>& contents) {
  std::uint64_t removed = 0;
  for (const std::int64_t id : contents) {
    if (auto done = db.run("DELETE FROM content WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM body WHERE id = ?1)", id);
        !done) {
      return done.error();
    }
    removed += static_cast<std::uint64_t>(db.changes());
  }
  return removed;
}

Result<std::uint64_t> remove_stray_uidls(Connection& db, const std::vector<MessageId>& ids) {
  std::unordered_set<std::int64_t> stray;
  for (const MessageId id : ids) stray.insert(static_cast<std::int64_t>(id));
  {
    auto rows = db.query("SELECT id FROM message UNION ALL SELECT message_id FROM removed");
    while (rows.next()) stray.erase(rows.integer(0));
    if (!rows.ok()) return rows.error();
  }
  std::uint64_t removed = 0;
  for (const std::int64_t id : stray) {
    if (auto done = db.run("DELETE FROM uidl WHERE message_id = ?1", id); !done) return done.error();
    removed += static_cast<std::uint64_t>(db.changes());
  }
  return removed;
}

Result<AccountSums> sum_up(Connection& db) {
  AccountSums sums;
  auto mailboxes = db.query(
      "SELECT ifnull(sum(bytes), 0), ifnull(sum(messages), 0), ifnull(max(highest_modseq), 0), "
      "ifnull(max(uid_validity), 0) FROM mailbox");
  if (mailboxes.next()) {
    sums.bytes = mailboxes.number<std::uint64_t>(0);
    sums.messages = mailboxes.number<std::uint64_t>(1);
    sums.highest_modseq = mailboxes.number<ModSeq>(2);
    sums.last_uid_validity = mailboxes.number<UidValidity>(3);
  }
  if (!mailboxes.ok()) return mailboxes.error();
  auto removed = db.query(
      "SELECT ifnull(sum(size), 0), count(*), ifnull(sum(CASE WHEN is_counted THEN size ELSE 0 END), 0), "
      "ifnull(sum(is_counted <> 0), 0) FROM removed");
  if (removed.next()) {
    sums.removed_bytes = removed.number<std::uint64_t>(0);
    sums.removed_messages = removed.number<std::uint64_t>(1);
    sums.bytes += removed.number<std::uint64_t>(2);
    sums.messages += removed.number<std::uint64_t>(3);
  }
  if (!removed.ok()) return removed.error();
  auto last = db.value(
      "SELECT max(ifnull((SELECT max(id) FROM message), 0), ifnull((SELECT max(message_id) FROM removed), 0), "
      "ifnull((SELECT max(id) FROM body), 0))");  // a thread is called after its first body
  if (!last) return last.error();
  sums.next_message_id = last->value_or(0) + 1;
  return sums;
}

}  // namespace postfach::sqlite
