#include "repair.h"

#include <algorithm>

#include "sqlite/repair.h"
#include "sqlite/thread_repair.h"
#include "sqlite/uidls.h"
#include "store_impl.h"
#include "threads.h"

namespace postfach::store {
namespace {

// Rows of one transaction.
constexpr std::size_t kRowsTogether = 1000;
std::string counted(std::uint64_t number, const char* what) { return std::to_string(number) + " " + what; }

// job(change, piece) for one piece of the list after the other, each in a transaction of its own; it returns how many it
// put right.
template <class Id, class Job>
Result<std::uint64_t> in_pieces(const Account::Impl& account, const std::vector<Id>& all, Job job) {
  std::uint64_t repaired = 0;
  for (std::size_t first = 0; first < all.size(); first += kRowsTogether) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<Id> piece(begin,
                                begin + static_cast<std::ptrdiff_t>(std::min(kRowsTogether, all.size() - first)));
    auto done = account.change([&](Change& change) -> Result<void> {
      Result<std::uint64_t> count = job(change, piece);
      if (!count) return count.error();
      repaired += *count;
      return {};
    });
    if (!done) return done.error();
  }
  return repaired;
}

Result<void> repair_mailbox(const Account::Impl& account, MailboxId id, std::vector<std::string>& repaired) {
  std::string name;
  auto done = account.change([&](Change& change) -> Result<void> {
    auto row = sqlite::load_mailbox(change.db, id);
    if (!row) return row.error().code == Errc::not_found ? Result<void>() : Result<void>(row.error());
    auto has_changed = sqlite::recount(change.db, *row, change.account.highest_modseq);
    if (!has_changed) return has_changed.error();
    if (!*has_changed) return {};
    name = row->name;
    change.account.highest_modseq = std::max(change.account.highest_modseq, row->highest_modseq);
    change.touched.push_back(id);
    return sqlite::save_mailbox(change.db, *row);
  });
  if (done && !name.empty()) repaired.push_back("the counters of mailbox " + name + " were counted anew");
  return done;
}

// Adds up mailboxes, whose counters are right by now.
Result<void> repair_account(const Account::Impl& account, std::vector<std::string>& repaired) {
  bool has_changed = false;
  auto done = account.change([&](Change& change) -> Result<void> {
    auto sums = sqlite::sum_up(change.db);
    if (!sums) return sums.error();
    const sqlite::AccountRow before = change.account;
    sqlite::AccountRow& row = change.account;
    row.bytes = sums->bytes;
    row.messages = sums->messages;
    row.removed_bytes = sums->removed_bytes;
    row.removed_messages = sums->removed_messages;
    row.highest_modseq = std::max(row.highest_modseq, sums->highest_modseq);
    row.last_uid_validity = std::max(row.last_uid_validity, sums->last_uid_validity);
    row.next_message_id = std::max(row.next_message_id, sums->next_message_id);
    has_changed = row != before;
    change.is_exempt = true;  // what is there is there
    if (!has_changed) return {};
    auto modseq = change.take_modseq();
    return modseq ? Result<void>() : modseq.error();
  });
  if (done && has_changed) repaired.emplace_back("the sums of the account were counted anew");
  return done;
}

// Bits of keywords without a name, some of them with each transaction. No client has ever seen them.
Result<std::uint64_t> repair_keywords(const Account::Impl& account, MailboxId id) {
  std::uint64_t repaired = 0;
  for (bool more = true; more;) {
    auto done = account.change([&](Change& change) -> Result<void> {
      more = false;
      auto mailbox = sqlite::load_mailbox(change.db, id);
      if (!mailbox) return mailbox.error().code == Errc::not_found ? Result<void>() : Result<void>(mailbox.error());
      auto modseq = change.take_modseq();
      if (!modseq) return modseq.error();
      auto cleared = sqlite::clear_unnamed_keywords(change.db, id, *modseq, kRowsTogether);
      if (!cleared) return cleared.error();
      if (cleared->empty()) return {};
      repaired += cleared->count();
      more = cleared->count() >= kRowsTogether;
      change.mark_flags_changed(*mailbox, *std::move(cleared));
      return sqlite::save_mailbox(change.db, *mailbox);
    });
    if (!done) return done.error();
  }
  return repaired;
}

Result<void> repair_threads(const Account::Impl& account, const sqlite::Damage& damage,
                            std::vector<std::string>& repaired) {
  auto count = in_pieces(account, damage.thread_numbers, [](Change& change, const std::vector<std::int64_t>& piece) {
    return sqlite::remove_impossible_refs(change.db, piece);
  });
  if (!count) return count.error();
  if (*count > 0) repaired.push_back(counted(*count, "identifiers led to a thread that was never begun"));
  const std::string large = account.store->locate(account.id).large;
  // Piece after piece, so that a thread is there before those that came later look for it.
  count = in_pieces(account, damage.threads, [&](Change& change, const std::vector<std::int64_t>& piece) {
    return repair_threads(change, piece, large);
  });
  if (!count) return count.error();
  if (*count > 0) repaired.push_back(counted(*count, "bodies had no thread, or could not be found for it"));
  return {};
}

// quota.db holds a copy of what mail.db says.
Result<void> repair_usage(const Account::Impl& account, std::vector<std::string>& repaired) {
  UsageBook& book = *account.store->usage;
  auto wrong = book.wrong_groups(account.id);
  if (!wrong) return wrong.error();
  if (!wrong->empty()) {
    auto recounted = book.recount_groups();
    if (!recounted) return recounted.error();
    if (*recounted > 0) repaired.push_back(counted(*recounted, "groups of accounts were added up anew"));
  }
  auto before = book.entered(account.id);
  if (!before) return before.error();
  // Not before: sums that were too small could not take the difference.
  auto looked = book.look_again(account.id, account.name);
  if (!looked) return looked;
  auto after = book.entered(account.id);
  if (!after) return after.error();
  if (*before != *after) repaired.emplace_back("what quota.db says of the account was entered anew");
  return {};
}

}  // namespace

Result<void> repair(const Account::Impl& account, std::vector<std::string>& repaired) {
  const auto damage = account.read([](sqlite::Connection& db) { return sqlite::find_damage(db); });
  if (!damage) return damage.error();
  if (damage->is_prefix_missing) {
    auto done = account.change([&](Change& change) { return store::begin_epoch(change.db, 1); });
    if (!done) return done;
    repaired.emplace_back("the account got a new UIDL prefix: POP3 clients will take all messages for new ones");
  }
  auto blocks = in_pieces(account, damage->blocks, [](Change& change, const std::vector<std::int64_t>& piece) {
    return sqlite::repair_blocks(change.db, piece);
  });
  if (!blocks) return blocks.error();
  if (*blocks > 0) repaired.push_back(counted(*blocks, "blocks of messages were summed up anew"));
  // Bodies first: what has no body any more is not brought back by a reference.
  auto count = in_pieces(account, damage->bodies, [](Change& change, const std::vector<std::int64_t>& piece) {
    return sqlite::repair_references(change.db, piece, change.dead_files);
  });
  if (!count) return count.error();
  if (*count > 0) repaired.push_back(counted(*count, "bodies had references that do not exist, or lacked some"));
  count = in_pieces(account, damage->contents, [](Change& change, const std::vector<std::int64_t>& piece) {
    return sqlite::remove_stray_contents(change.db, piece);
  });
  if (!count) return count.error();
  if (*count > 0) repaired.push_back(counted(*count, "rows of octets that belong to no body were removed"));
  count = in_pieces(account, damage->uidls, [](Change& change, const std::vector<MessageId>& piece) {
    return sqlite::remove_stray_uidls(change.db, piece);
  });
  if (!count) return count.error();
  if (*count > 0) repaired.push_back(counted(*count, "UIDLs of messages that are gone were removed"));

  std::uint64_t unnamed = 0;
  for (const MailboxId id : damage->keywords) {
    count = repair_keywords(account, id);
    if (!count) return count.error();
    unnamed += *count;
  }
  if (unnamed > 0) repaired.push_back(counted(unnamed, "messages had a keyword without a name"));
  for (const MailboxId id : damage->mailboxes) {
    if (auto done = repair_mailbox(account, id, repaired); !done) return done;
  }
  if (damage->is_account_wrong) {
    if (auto done = repair_account(account, repaired); !done) return done;
  }
  // What threads may be called is known by now.
  if (auto done = repair_threads(account, *damage, repaired); !done) return done;
  if (auto done = repair_usage(account, repaired); !done) return done;
  auto open = account.store->open_account(account.id);
  if (!open) return account.failure(nullptr, open.error());
  count = (*open)->sweep();
  if (!count) return count.error();
  if (*count > 0) repaired.push_back(counted(*count, "files in large/ that belong to no body were removed"));
  return {};
}

}  // namespace postfach::store
