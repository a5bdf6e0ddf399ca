// Account::changes: the feed of a whole account.
#include "postfach/feed.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "postfach/account.h"
#include "sqlite/feed_log.h"
#include "sqlite/mailboxes.h"
#include "store_impl.h"

namespace postfach {
namespace {

using sqlite::MailboxEventKind;

// What the log says of one mailbox.
struct History {
  bool is_made = false;
  bool is_removed = false;
  std::optional<std::string> old_name = {};  // the oldest
  std::string last_name = {};                // of a removed one
};

class Feed {
 public:
  Feed(sqlite::Connection& db, const store::OpenAccount& account, ModSeq since) noexcept
      : db_(db), account_(account), since_(since) {}

  Result<AccountChanges> read() {
    auto row = sqlite::load_account(db_);
    if (!row) return row.error();
    result_.modseq = row->highest_modseq;
    if (since_ > 0) {
      auto log = sqlite::read_feed_log(db_, since_);
      if (!log) return log.error();
      log_ = *std::move(log);
    }
    result_.is_complete = log_.is_complete;
    for (const sqlite::MailboxEvent& event : log_.events) note(event);
    if (auto done = read_mailboxes(); !done) return done.error();
    for (const MailboxId id : removed_) {
      History& history = histories_[id];
      result_.mailboxes.push_back({.id = id,
                                   .name = std::move(history.last_name),
                                   .is_made = history.is_made,
                                   .is_removed = true,
                                   .old_name = std::move(history.old_name),
                                   .uid_validity = 0,
                                   .changes = {}});
    }
    return std::move(result_);
  }

 private:
  void note(const sqlite::MailboxEvent& event) {
    History& history = histories_[event.mailbox];
    if (event.kind == MailboxEventKind::made) history.is_made = true;
    // A name that it had before it was made is nobody's business.
    if (event.kind == MailboxEventKind::renamed && !history.is_made && !history.old_name) history.old_name = event.name;
    if (event.kind != MailboxEventKind::removed) return;
    history.is_removed = true;
    history.last_name = event.name;
    removed_.push_back(event.mailbox);
  }

  Result<void> read_mailboxes() {
    std::vector<sqlite::MailboxRow> rows;
    sqlite::MailboxCursor cursor(db_, {});
    while (cursor.next()) {
      sqlite::MailboxRow row = cursor.take_row();
      if (!row.selectable) continue;
      if (row.highest_modseq > since_ || histories_.contains(row.id)) rows.push_back(std::move(row));
    }
    if (!cursor.ok()) return cursor.error();
    for (sqlite::MailboxRow& row : rows) {
      if (auto done = add(row); !done) return done;
    }
    return {};
  }

  Result<void> add(sqlite::MailboxRow& row) {
    const auto found = histories_.find(row.id);
    const History history = found == histories_.end() ? History() : found->second;
    const bool is_made = since_ == 0 || history.is_made;
    auto known = is_made ? Result<Uid>(Uid{1}) : known_uid_next(row);
    if (!known) return known.error();
    auto changes = store::changes_in(db_, account_, row, is_made ? 0 : since_, *known);
    if (!changes) return changes.error();
    // Of a mailbox that is new nothing is missing.
    if (is_made) changes->log_complete = true;
    // It was renamed back.
    auto old_name = history.old_name == row.name ? std::nullopt : history.old_name;
    if (!is_made && !old_name && row.highest_modseq <= since_) return {};
    result_.mailboxes.push_back({.id = row.id,
                                 .name = std::move(row.name),
                                 .is_made = is_made,
                                 .is_removed = false,
                                 .old_name = std::move(old_name),
                                 .uid_validity = row.uid_validity,
                                 .changes = *std::move(changes)});
    return {};
  }

  // UIDNEXT as it was then.
  Result<Uid> known_uid_next(const sqlite::MailboxRow& row) {
    const auto arrival = log_.first_arrival.find(row.id);
    if (log_.is_complete) return arrival == log_.first_arrival.end() ? row.uid_next : arrival->second;
    // At least the last message that has not changed since was there already.
    auto last = sqlite::last_up_to(db_, row.id, since_);
    if (!last) return last.error();
    return *last + 1;
  }

  sqlite::Connection& db_;
  const store::OpenAccount& account_;
  const ModSeq since_;
  sqlite::FeedLog log_;
  std::unordered_map<MailboxId, History> histories_;
  std::vector<MailboxId> removed_;
  AccountChanges result_;
};

}  // namespace

// The first call begins the log of arrivals.
Result<AccountChanges> Account::changes(ModSeq since) const {
  auto is_followed = impl_->read([](sqlite::Connection& db) { return sqlite::is_followed(db); });
  if (!is_followed) return is_followed.error();
  if (!*is_followed) {
    auto done =
        impl_->change([](store::Change& change) { return sqlite::follow(change.db, change.account.highest_modseq); });
    if (!done) return done.error();
  }
  return impl_->read([&](sqlite::Connection& db, const store::OpenAccount& account) -> Result<AccountChanges> {
    return Feed(db, account, since).read();
  });
}

}  // namespace postfach
