// What is asked of all messages of a mailbox: from the columns of their blocks where these know it.
#include <algorithm>
#include <vector>

#include "messages.h"

namespace postfach::sqlite {
namespace {

constexpr Uid kHighest = UINT32_MAX;

}  // namespace

Result<UidList> list_uids(Connection& db, MailboxId mailbox, Uid from) {
  UidList::Builder uids;
  BlockCursor blocks(db, mailbox);
  for (Uid next = from; blocks.advance(next); next = blocks.last_uid() + 1) {
    const Entries& entries = blocks.entries();
    std::size_t i = entries.find(next);
    if (i == entries.size()) continue;
    const Uid first = entries.uid(i);
    const Uid last = entries.uid(entries.size() - 1);
    if (last - first + 1 == entries.size() - i) {
      uids.add(first, last);
      continue;
    }
    for (; i < entries.size(); ++i) uids.add(entries.uid(i));
  }
  if (!blocks.ok()) return blocks.error();
  return std::move(uids).finish();
}

Result<Uid> first_unseen(Connection& db, MailboxId mailbox) {
  auto rows =
      db.query("SELECT entries FROM message_block WHERE id BETWEEN ?1 AND ?2 AND unseen > 0 ORDER BY id LIMIT 1",
               block_id(mailbox, 0), block_id(mailbox, kHighest));
  if (rows.next()) {
    const Entries entries(rows.blob(0));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if ((entries.flag_bits(i) & Flags(Flag::seen).bits()) == 0) return entries.uid(i);
    }
  }
  if (!rows.ok()) return rows.error();
  return Uid{0};
}

Result<Uid> last_up_to(Connection& db, MailboxId mailbox, ModSeq modseq) {
  auto rows = db.query("SELECT entries FROM message_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC",
                       block_id(mailbox, 0), block_id(mailbox, kHighest));
  while (rows.next()) {
    const Entries entries(rows.blob(0));
    for (std::size_t i = entries.size(); i-- > 0;) {
      if (entries.modseq(i) <= modseq) return entries.uid(i);
    }
  }
  if (!rows.ok()) return rows.error();
  return Uid{0};
}

Result<KeywordMask> keywords_in_use(Connection& db, MailboxId mailbox) {
  KeywordMask keywords = 0;
  const UidSet all = UidSet::all();
  MessageCursor messages(db, mailbox, all);
  while (messages.next()) keywords |= messages.row().keywords;
  if (!messages.ok()) return messages.error();
  return keywords;
}

Result<Uid> last_shown(Connection& db, MailboxId mailbox, std::uint32_t skip) {
  auto rows = db.query("SELECT entries FROM message_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC",
                       block_id(mailbox, 0), block_id(mailbox, kHighest));
  while (rows.next()) {
    const Entries entries(rows.blob(0));
    for (std::size_t i = entries.size(); i-- > 0;) {
      if ((entries.flag_bits(i) & kHiddenFromPop3) == 0 && skip-- == 0) return entries.uid(i);
    }
  }
  if (!rows.ok()) return rows.error();
  return Uid{0};
}

Result<UidSet> changed_since(Connection& db, MailboxId mailbox, ModSeq since, Uid end) {
  UidSet uids;
  if (end == 0) return uids;
  auto rows = db.query("SELECT entries FROM message_block WHERE id BETWEEN ?1 AND ?2 AND modseq > ?3 ORDER BY id",
                       block_id(mailbox, 0), block_id(mailbox, end - 1), since);
  while (rows.next()) {
    const Entries entries(rows.blob(0));
    for (std::size_t i = 0; i < entries.size() && entries.uid(i) < end; ++i) {
      if (entries.modseq(i) > since) uids.add(entries.uid(i));
    }
  }
  if (!rows.ok()) return rows.error();
  return uids;
}

// They are the last ones below end. Those that are known may stand between them and are passed over.
Result<UidSet> came_since(Connection& db, MailboxId mailbox, ModSeq since, Uid end, const UidSet& known) {
  std::vector<Uid> found;
  auto range = known.ranges().rbegin();
  const auto no_range = known.ranges().rend();
  const auto is_known = [&](Uid uid) {
    while (range != no_range && range->first > uid) ++range;
    return range != no_range && uid <= range->last;
  };
  // From the highest UID down, block by block.
  auto rows = db.query("SELECT id, entries FROM message_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC");
  bool is_over = end <= 1;
  if (!is_over) rows.bind(block_id(mailbox, 0), block_id(mailbox, end - 1));
  while (!is_over && rows.next()) {
    const Entries entries(rows.blob(1));
    for (std::size_t i = entries.find(end); i-- > 0 && !is_over;) {
      const Uid uid = entries.uid(i);
      if (entries.modseq(i) <= since) {
        is_over = true;
      } else if (!is_known(uid)) {
        found.push_back(uid);
      }
    }
    // What is known may reach far down.
    const Uid lowest = lowest_uid(rows.integer(0));
    if (!is_over && lowest > 1 && is_known(lowest - 1) && lowest - 1 - range->first > kMostInBlock) {
      if (range->first <= 1) break;
      rows.bind(block_id(mailbox, 0), block_id(mailbox, range->first));
    }
  }
  if (!rows.ok()) return rows.error();
  UidSet uids;
  for (auto uid = found.rbegin(); uid != found.rend(); ++uid) uids.add(*uid);
  return uids;
}

}  // namespace postfach::sqlite
