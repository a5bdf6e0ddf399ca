#include "feed_log.h"

namespace postfach::sqlite {
namespace {

// MODSEQs over which arrivals are remembered: some 24 KiB.
constexpr std::int64_t kArrivalReach = 2000;

// Whether both logs reach back to since.
Result<bool> reaches_back(Connection& db, std::int64_t since) {
  auto events_begin = db.value("SELECT modseq FROM mailbox_event ORDER BY seq LIMIT 1");
  if (!events_begin) return events_begin.error();
  auto arrivals_begin = db.value("SELECT since FROM feed_follower");
  if (!arrivals_begin) return arrivals_begin.error();
  auto last_arrival = db.value("SELECT max(modseq) FROM arrival");
  if (!last_arrival) return last_arrival.error();
  return since >= events_begin->value_or(0) && arrivals_begin->has_value() && since >= **arrivals_begin &&
         since >= last_arrival->value_or(0) - kArrivalReach;
}

}  // namespace

Result<FeedLog> read_feed_log(Connection& db, ModSeq since) {
  FeedLog log;
  auto is_complete = reaches_back(db, static_cast<std::int64_t>(since));
  if (!is_complete) return is_complete.error();
  log.is_complete = *is_complete;
  auto events = db.query("SELECT mailbox_id, kind, name FROM mailbox_event WHERE modseq > ?1 ORDER BY seq", since);
  while (events.next()) {
    log.events.push_back(
        {events.number<MailboxId>(0), events.number<MailboxEventKind>(1), std::string(events.text(2))});
  }
  if (!events.ok()) return events.error();
  auto arrivals =
      db.query("SELECT mailbox_id, min(first_uid) FROM arrival WHERE modseq > ?1 GROUP BY mailbox_id", since);
  while (arrivals.next()) log.first_arrival.emplace(arrivals.number<MailboxId>(0), arrivals.number<Uid>(1));
  if (!arrivals.ok()) return arrivals.error();
  return log;
}

Result<bool> is_followed(Connection& db) {
  auto found = db.value("SELECT 1 FROM feed_follower");
  if (!found) return found.error();
  return found->has_value();
}

Result<void> follow(Connection& db, ModSeq modseq) {
  return db.run("INSERT OR IGNORE INTO feed_follower (id, since) VALUES (1, ?1)", modseq);
}

Result<void> log_arrival(Connection& db, MailboxId mailbox, ModSeq modseq, Uid first) {
  // Twice with one MODSEQ: the lower UID is there already.
  if (auto done = db.run("INSERT OR IGNORE INTO arrival SELECT ?1, ?2, ?3 FROM feed_follower", modseq, mailbox, first);
      !done || db.changes() == 0) {
    return done;
  }
  return db.run("DELETE FROM arrival WHERE modseq < ?1", static_cast<std::int64_t>(modseq) - kArrivalReach);
}

Result<void> begin_feed(Connection& db, ModSeq modseq) {
  for (const Sql script :
       {Sql("DELETE FROM mailbox_event"), Sql("DELETE FROM arrival"), Sql("DELETE FROM feed_follower")}) {
    if (auto done = db.run(script); !done) return done;
  }
  return db.run("INSERT INTO mailbox_event (seq, modseq, mailbox_id, kind, name) VALUES (1, ?1, 0, 0, '')", modseq);
}

Result<void> log_rename(Connection& db, MailboxId mailbox, ModSeq modseq, std::string_view old_name) {
  return db.run("INSERT INTO mailbox_event (modseq, mailbox_id, kind, name) VALUES (?1, ?2, 2, ?3)", modseq, mailbox,
                old_name);
}

}  // namespace postfach::sqlite
