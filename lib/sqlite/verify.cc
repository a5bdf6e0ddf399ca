#include "verify.h"

#include <algorithm>

#include "messages.h"

namespace postfach::sqlite {
namespace {

struct Rule {
  Sql violations;  // rows of one column that says which
  const char* problem;
};

constexpr Rule kRules[] = {
    {"SELECT 'rows: ' || count(*) FROM account HAVING count(*) <> 1", "the account has not exactly one row"},
    {"SELECT bytes || ' recorded, ' || octets FROM account, (SELECT (SELECT ifnull(sum(size), 0) FROM message) + "
     "(SELECT ifnull(sum(size), 0) FROM removed WHERE is_counted) AS octets) WHERE bytes <> octets",
     "usage in octets is not the sum of the messages"},
    {"SELECT messages || ' recorded, ' || n FROM account, (SELECT (SELECT count(*) FROM message) + "
     "(SELECT count(*) FROM removed WHERE is_counted) AS n) WHERE messages <> n",
     "usage in messages is not their number"},
    {"SELECT name FROM mailbox LEFT JOIN (SELECT mailbox_id, count(*) AS n, sum(size) AS octets, "
     "sum((flags & 1) = 0) AS n_unseen, sum((flags & 8) <> 0) AS n_deleted, "
     "sum(CASE WHEN flags & 8 THEN size ELSE 0 END) AS deleted_octets FROM message GROUP BY mailbox_id) "
     "ON mailbox_id = mailbox.id WHERE messages <> ifnull(n, 0) OR bytes <> ifnull(octets, 0) "
     "OR unseen <> ifnull(n_unseen, 0) OR deleted <> ifnull(n_deleted, 0) "
     "OR deleted_bytes <> ifnull(deleted_octets, 0)",
     "counters of a mailbox do not agree with its messages"},
    {"SELECT name FROM mailbox WHERE recent <> (SELECT count(*) FROM message WHERE mailbox_id = mailbox.id "
     "AND uid >= first_recent_uid)",
     "the number of recent messages is wrong"},
    {"SELECT name FROM mailbox WHERE uid_next <= (SELECT max(uid) FROM message WHERE mailbox_id = mailbox.id) "
     "OR uid_next <= (SELECT max(last_uid) FROM expunged WHERE mailbox_id = mailbox.id)",
     "UIDNEXT is not above all UIDs"},
    {"SELECT name FROM mailbox, account WHERE mailbox.highest_modseq > account.highest_modseq "
     "OR mailbox.highest_modseq < (SELECT max(modseq) FROM message WHERE mailbox_id = mailbox.id) "
     "OR mailbox.highest_modseq < flags_modseq OR mailbox.highest_modseq < expunge_modseq",
     "a MODSEQ is above the highest one"},
    {"SELECT name FROM mailbox, account WHERE uid_validity > last_uid_validity",
     "a UIDVALIDITY is above the last one given out"},
    {"SELECT id >> 32 FROM message_block WHERE id >> 32 NOT IN (SELECT id FROM mailbox)",
     "messages belong to a mailbox that is none"},
    {kWrongBlocks, "what a block of messages says of them is wrong"},
    {"SELECT name FROM mailbox WHERE NOT selectable AND messages > 0", "a mailbox without messages has some"},
    {"SELECT name FROM mailbox WHERE log_ranges <> (SELECT count(*) FROM expunged WHERE mailbox_id = mailbox.id) "
     "OR expunge_modseq < (SELECT max(modseq) FROM expunged WHERE mailbox_id = mailbox.id) "
     "OR log_floor >= (SELECT min(modseq) FROM expunged WHERE mailbox_id = mailbox.id)",
     "the expunge log does not agree with its mailbox"},
    {"SELECT name || ' ' || uid FROM expunged JOIN mailbox ON mailbox.id = expunged.mailbox_id "
     "CROSS JOIN message ON message.mailbox_id = expunged.mailbox_id AND uid BETWEEN first_uid AND last_uid",
     "an expunged UID is in use"},
    {"SELECT removed_messages || ' recorded, ' || (SELECT count(*) FROM removed) FROM account "
     "WHERE removed_messages <> (SELECT count(*) FROM removed) "
     "OR removed_bytes <> (SELECT ifnull(sum(size), 0) FROM removed)",
     "the sums over removed messages are wrong"},
    {"SELECT id FROM (SELECT id FROM message UNION ALL SELECT message_id FROM removed) GROUP BY id "
     "HAVING count(*) > 1",
     "two messages have one identifier"},
    {"SELECT message.id FROM message, account WHERE message.id >= next_message_id "
     "UNION ALL SELECT message_id FROM removed, account WHERE message_id >= next_message_id",
     "an identifier is above the last one given out"},
    {"SELECT message.id FROM message LEFT JOIN body ON body.id = body_id WHERE body.id IS NULL "
     "UNION ALL SELECT message_id FROM removed LEFT JOIN body ON body.id = body_id WHERE body.id IS NULL",
     "the body of a message is missing"},
    {"SELECT message.id FROM message JOIN body ON body.id = body_id WHERE body.size <> message.size "
     "UNION ALL SELECT message_id FROM removed JOIN body ON body.id = body_id WHERE body.size <> removed.size",
     "the size of a message is not that of its body"},
    {"SELECT body.id FROM body LEFT JOIN (SELECT body_id, count(*) AS n FROM "
     "(SELECT body_id FROM message UNION ALL SELECT body_id FROM removed) GROUP BY body_id) ON body_id = body.id WHERE "
     "refs <> ifnull(n, 0)",
     "the references of a body are not those that exist"},
    {"SELECT body.id FROM body LEFT JOIN content ON content.id = body.id "
     "WHERE CASE WHEN file IS NULL THEN ifnull(length(data), -1) <> size ELSE data IS NOT NULL END",
     "the octets of a body are not there in their size"},
    {"SELECT content.id FROM content LEFT JOIN body ON body.id = content.id WHERE body.id IS NULL",
     "octets belong to no body"},
    {"SELECT uidl FROM uidl WHERE message_id NOT IN (SELECT id FROM message UNION ALL "
     "SELECT message_id FROM removed)",
     "a UIDL belongs to no message"},
    {"SELECT 'none' WHERE NOT EXISTS (SELECT 1 FROM epoch)", "there is no UIDL prefix"},
    {"SELECT body.id FROM body LEFT JOIN thread_backlog AS b ON body.id >= next_id "
     "WHERE (thread_id IS NULL) <> (b.id IS NOT NULL) OR (thread_refs IS NULL AND thread_id IS NOT NULL)",
     "a message has no thread, or one too early"},
    {"SELECT id FROM body WHERE length(thread_refs) < 8 OR length(thread_refs) % 8 <> 0",
     "the references of a message are not of their form"},
    {"SELECT body.id FROM body, account WHERE thread_id NOT BETWEEN 1 AND next_message_id - 1 "
     "UNION ALL SELECT number FROM thread_ref, account WHERE thread_id NOT BETWEEN 1 AND next_message_id - 1",
     "a thread is none that was begun"},
    {"SELECT name FROM mailbox WHERE EXISTS (SELECT 1 FROM message WHERE mailbox_id = mailbox.id AND keywords & ~"
     "ifnull((SELECT sum(CASE WHEN bit < 63 THEN 1 << bit ELSE 0 END) FROM keyword WHERE mailbox_id = mailbox.id), 0) "
     "& ~CASE WHEN EXISTS (SELECT 1 FROM keyword WHERE mailbox_id = mailbox.id AND bit = 63) THEN 1 << 63 ELSE 0 END)",
     "a message has a keyword without a name"},
};

// More of one kind say nothing new.
constexpr int kMostOfOneKind = 20;

Result<void> collect(Statement rows, const std::string& problem, std::vector<std::string>& problems) {
  for (int count = 0; count < kMostOfOneKind && rows.next(); ++count) {
    problems.push_back(problem + " (" + std::string(rows.text(0)) + ")");
  }
  if (!rows.ok()) return rows.error();
  return {};
}

// Whoever refers to a message is led to its thread. The number of a message is the first one of its references.
Result<void> verify_threads(Connection& db, std::vector<std::string>& problems) {
  auto bodies = db.query("SELECT id, thread_id, thread_refs FROM body WHERE thread_id IS NOT NULL");
  auto refs = db.query("SELECT thread_id FROM thread_ref WHERE number = ?1");
  for (int count = 0; count < kMostOfOneKind && bodies.next();) {
    std::uint64_t number = 0;
    const std::string_view packed = bodies.blob(2);
    for (std::size_t i = std::min<std::size_t>(packed.size(), 8); i-- > 0;) {
      number = number << 8U | static_cast<unsigned char>(packed[i]);
    }
    if (number == 0) continue;
    refs.bind(number);
    if (refs.next() && refs.integer(0) == bodies.integer(1)) continue;
    if (!refs.ok()) return refs.error();
    problems.push_back("a message can't be found for its thread (" + std::to_string(bodies.integer(0)) + ")");
    ++count;
  }
  if (!bodies.ok()) return bodies.error();
  return {};
}

}  // namespace

Result<Verification> verify_mail(Connection& db) {
  Verification result;
  {
    auto rows = db.query("PRAGMA integrity_check(20)");
    while (rows.next()) {
      if (rows.text(0) != "ok") result.problems.push_back("database: " + std::string(rows.text(0)));
    }
    if (!rows.ok()) return rows.error();
  }
  if (auto done = collect(db.query("PRAGMA foreign_key_check"), "a row refers to one that is missing", result.problems);
      !done) {
    return done.error();
  }
  for (const Rule& rule : kRules) {
    if (auto done = collect(db.query(rule.violations), rule.problem, result.problems); !done) return done.error();
  }
  if (auto done = verify_threads(db, result.problems); !done) return done.error();
  auto count = db.value("SELECT count(*) FROM message");
  if (!count) return count.error();
  result.messages = static_cast<std::uint64_t>(count->value_or(0));
  auto rows = db.query("SELECT file, size FROM body WHERE file IS NOT NULL");
  while (rows.next()) result.files.emplace_back(rows.text(0), rows.number<std::uint64_t>(1));
  if (!rows.ok()) return rows.error();
  return result;
}

}  // namespace postfach::sqlite
