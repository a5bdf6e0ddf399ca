#include "expunge_log.h"

#include <algorithm>

namespace postfach::sqlite {
namespace {

// Cuts the older part so that a quarter of the room is free and the next expunges need not cut again.
Result<void> cut_log(Connection& db, MailboxRow& mailbox, std::uint64_t most) {
  const std::uint64_t surplus = mailbox.log_ranges - most * 3 / 4;
  auto cut = db.value("SELECT modseq FROM expunged WHERE mailbox_id = ?1 ORDER BY modseq LIMIT 1 OFFSET ?2", mailbox.id,
                      surplus - 1);
  if (!cut) return cut.error();
  if (!cut->has_value()) return Error{Errc::corrupt, "the expunge log is shorter than recorded"};
  if (auto done = db.run("DELETE FROM expunged WHERE mailbox_id = ?1 AND modseq <= ?2", mailbox.id, **cut); !done) {
    return done;
  }
  mailbox.log_ranges -= static_cast<std::uint64_t>(db.changes());
  mailbox.log_floor = static_cast<ModSeq>(**cut);
  return {};
}

}  // namespace

Result<void> log_expunge(Connection& db, MailboxRow& mailbox, ModSeq modseq, const UidSet& uids, std::uint64_t most) {
  auto insert = db.query("INSERT INTO expunged (mailbox_id, modseq, first_uid, last_uid) VALUES (?1, ?2, ?3, ?4)");
  for (const UidRange& range : uids.ranges()) {
    insert.bind(mailbox.id, modseq, range.first, range.last);
    if (auto done = insert.run(); !done) return done;
  }
  mailbox.expunge_modseq = modseq;
  mailbox.log_ranges += uids.ranges().size();
  if (mailbox.log_ranges > most) return cut_log(db, mailbox, most);
  return {};
}

Result<UidSet> expunged_since(Connection& db, MailboxId mailbox, ModSeq since) {
  std::vector<UidRange> ranges;
  auto rows =
      db.query("SELECT first_uid, last_uid FROM expunged WHERE mailbox_id = ?1 AND modseq > ?2", mailbox, since);
  while (rows.next()) ranges.push_back({rows.number<Uid>(0), rows.number<Uid>(1)});
  if (!rows.ok()) return rows.error();
  // In the order of UIDs, because a set grows fast at its end alone.
  std::sort(ranges.begin(), ranges.end(), [](const UidRange& a, const UidRange& b) { return a.first < b.first; });
  UidSet uids;
  for (const UidRange& range : ranges) uids.add(range.first, range.last);
  return uids;
}

}  // namespace postfach::sqlite
