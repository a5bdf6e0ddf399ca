#include "change.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "names.h"
#include "postfach/store.h"
#include "removed.h"
#include "sqlite/bodies.h"
#include "sqlite/feed_log.h"
#include "sqlite/keywords.h"
#include "sqlite/maildrop_tables.h"
#include "sqlite/threads.h"
#include "sqlite/uidls.h"

namespace postfach::store {
namespace {

constexpr ModSeq kMostModSeq = static_cast<ModSeq>(std::numeric_limits<std::int64_t>::max());
constexpr Uid kMostUid = std::numeric_limits<Uid>::max();

bool fits(std::uint64_t used, std::uint64_t more, std::uint64_t less,
          const std::optional<std::uint64_t>& most) noexcept {
  if (!most || (more <= less && less > 0)) return true;
  used -= std::min(used, less);
  return used <= *most && more <= *most - used;
}

}  // namespace

Result<ModSeq> Change::take_modseq() {
  if (modseq != 0) return modseq;
  if (account.highest_modseq >= kMostModSeq) return Error{Errc::limit, "the account has used up its MODSEQs"};
  modseq = ++account.highest_modseq;
  return modseq;
}

namespace {

bool is_ours(Errc code) noexcept {
  return code == Errc::unavailable || code == Errc::corrupt || code == Errc::in_use || code == Errc::internal;
}

}  // namespace

Result<void> Change::run_part(bool writes_before_failing, const std::function<Result<void>()>& part,
                              Result<void>& outcome) {
  modseq = 0;
  const sqlite::AccountRow account_before = account;
  const std::size_t touched_before = touched.size();
  const std::size_t files_before = dead_files.size();
  const std::size_t flags_before = flags_changed.size();
  if (writes_before_failing) {
    if (auto begun = db.run("SAVEPOINT part"); !begun) return begun;
  }
  outcome = part();
  if (!outcome) {
    if (is_ours(outcome.error().code) || !db.in_transaction()) return outcome;
    account = account_before;
    touched.resize(touched_before);
    dead_files.resize(files_before);
    flags_changed.resize(flags_before);
    if (writes_before_failing) {
      if (auto undone = db.run("ROLLBACK TO part"); !undone) return undone;
    }
  }
  if (!writes_before_failing) return {};
  return db.run("RELEASE part");
}

void Change::mark_flags_changed(sqlite::MailboxRow& mailbox, UidSet uids) {
  mailbox.highest_modseq = modseq;
  mailbox.flags_modseq = modseq;
  touched.push_back(mailbox.id);
  flags_changed.push_back({mailbox.id, modseq, std::move(uids)});
}

// Time, so that it differs from what any earlier mailbox of the name had, even one that a backup brought back; but
// never one that was given out, whatever the clock says.
Result<UidValidity> Change::take_uid_validity() {
  const std::int64_t next = std::max(std::int64_t{account.last_uid_validity} + 1, now);
  if (next > std::int64_t{std::numeric_limits<UidValidity>::max()}) {
    return Error{Errc::limit, "the account has used up its UIDVALIDITYs"};
  }
  account.last_uid_validity = static_cast<UidValidity>(next);
  return account.last_uid_validity;
}

void Change::set_quota(const Quota& quota) noexcept {
  account.quota_bytes = quota.bytes;
  account.quota_messages = quota.messages;
  account.quota_mailboxes = quota.mailboxes;
  account.quota_message_size = quota.message_size;
}

Result<void> check_size(const sqlite::AccountRow& account, std::uint64_t octets) {
  if (octets <= account.quota_message_size.value_or(octets)) return {};
  return Error{Errc::limit, "the message is larger than the account permits"};
}

Result<void> check_quota(const sqlite::AccountRow& account, const Usage& added, const Usage& removed) {
  if (fits(account.bytes, added.bytes, removed.bytes, account.quota_bytes) &&
      fits(account.messages, added.messages, removed.messages, account.quota_messages)) {
    return {};
  }
  return Error{Errc::over_quota, "the account's quota would be exceeded"};
}

Result<void> Change::check_size(std::uint64_t octets) const { return store::check_size(account, octets); }

Result<void> Change::check_quota(const Usage& added, const Usage& removed) const {
  return store::check_quota(account, added, removed);
}

Result<void> Change::check_quota(const sqlite::MailboxRow& mailbox, const Usage& added, const Usage& removed) {
  if (fits(mailbox.bytes, added.bytes, removed.bytes, mailbox.quota_bytes) &&
      fits(mailbox.messages, added.messages, removed.messages, mailbox.quota_messages)) {
    return {};
  }
  return Error{Errc::over_quota, "the mailbox's quota would be exceeded"};
}

Result<sqlite::MailboxRow> Change::mailbox(std::string_view name) const {
  if (known && known->row.name == name) return known->row;
  return sqlite::find_mailbox(db, name);
}

Result<sqlite::MailboxRow> Change::selectable(MailboxId id) const {
  if (known && known->row.id == id && known->row.selectable) return known->row;
  return load_selectable(db, id);
}

Result<KeywordNames> Change::keywords(MailboxId id) const {
  if (known && known->row.id == id) return known->keywords;
  return sqlite::load_keywords(db, id);
}

Result<void> Change::save_and_leave(const sqlite::MailboxRow& row, const KeywordNames& names) {
  left = MailboxState{row, names};
  return sqlite::save_mailbox(db, row);
}

Result<sqlite::MailboxRow> load_selectable(sqlite::Connection& db, MailboxId id) {
  auto row = sqlite::load_mailbox(db, id);
  if (row && !row->selectable) return Error{Errc::not_found, "the mailbox was deleted"};
  return row;
}

Quota quota_of(const sqlite::AccountRow& row) noexcept {
  return {row.quota_bytes, row.quota_messages, row.quota_mailboxes, row.quota_message_size};
}

Result<std::uint64_t> append_limit(sqlite::Connection& db, const StoreOptions& options) {
  auto account = sqlite::load_account(db);
  if (!account) return account.error();
  return std::min(options.max_message_size, account->quota_message_size.value_or(UINT64_MAX));
}

MailboxStatus status_of(const sqlite::MailboxRow& row, std::uint64_t append_limit) noexcept {
  return {.uid_validity = row.uid_validity,
          .uid_next = row.uid_next,
          .highest_modseq = row.highest_modseq,
          .messages = row.messages,
          .unseen = row.unseen,
          .deleted = row.deleted,
          .recent = row.recent,
          .bytes = row.bytes,
          .deleted_bytes = row.deleted_bytes,
          .append_limit = append_limit};
}

void count_in(sqlite::MailboxRow& mailbox, const sqlite::MessageRow& message) noexcept {
  ++mailbox.messages;
  mailbox.bytes += message.size;
  if (!message.flags().has(Flag::seen)) ++mailbox.unseen;
  if (message.flags().has(Flag::deleted)) {
    ++mailbox.deleted;
    mailbox.deleted_bytes += message.size;
  }
  if (message.uid >= mailbox.first_recent_uid) ++mailbox.recent;
}

void count_out(sqlite::MailboxRow& mailbox, const sqlite::MessageRow& message) noexcept {
  --mailbox.messages;
  mailbox.bytes -= message.size;
  if (!message.flags().has(Flag::seen)) --mailbox.unseen;
  if (message.flags().has(Flag::deleted)) {
    --mailbox.deleted;
    mailbox.deleted_bytes -= message.size;
  }
  if (message.uid >= mailbox.first_recent_uid) --mailbox.recent;
}

void count_again(sqlite::MailboxRow& mailbox, const sqlite::MessageRow& message, Flags flags) noexcept {
  if (message.flags().has(Flag::seen) != flags.has(Flag::seen)) mailbox.unseen += flags.has(Flag::seen) ? -1U : 1U;
  if (message.flags().has(Flag::deleted) == flags.has(Flag::deleted)) return;
  mailbox.deleted += flags.has(Flag::deleted) ? 1U : -1U;
  mailbox.deleted_bytes += flags.has(Flag::deleted) ? message.size : std::uint64_t{0} - message.size;
}

Result<Uid> take_uids(Change& change, sqlite::MailboxRow& mailbox, std::uint64_t count) {
  // UIDNEXT itself has to stay a UID, so the highest one is never given out.
  if (count > kMostUid - mailbox.uid_next) return Error{Errc::limit, "the mailbox has used up its UIDs"};
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  const Uid first = mailbox.uid_next;
  if (auto logged = sqlite::log_arrival(change.db, mailbox.id, *modseq, first); !logged) return logged.error();
  mailbox.uid_next += static_cast<Uid>(count);
  return first;
}

Result<void> remove_messages(Change& change, sqlite::MailboxRow& mailbox,
                             const std::vector<sqlite::MessageRow>& messages) {
  const UidSet uids = uids_of(messages);
  if (auto done = sqlite::delete_removals(change.db, mailbox.id, uids); !done) return done;
  if (change.undelete != nullptr && change.undelete->window > std::chrono::seconds::zero()) {
    return keep_removed(change, mailbox, messages);
  }
  if (auto done = sqlite::delete_messages(change.db, mailbox.id, uids); !done) return done;
  auto imported = change.db.value("SELECT 1 FROM uidl LIMIT 1");
  if (!imported) return imported.error();
  for (const sqlite::MessageRow& message : messages) {
    if (auto done = sqlite::drop_reference(change.db, message.body_id, change.dead_files); !done) return done;
    if (imported->has_value()) {
      if (auto done = sqlite::delete_uidl(change.db, message.id); !done) return done;
    }
    count_out(mailbox, message);
    change.account.bytes -= message.size;
    --change.account.messages;
  }
  if (messages.empty()) return {};
  // More than a message adds, so that what is left behind stays a fraction of what is in use; from anywhere.
  const std::uint64_t seed = static_cast<std::uint64_t>(messages.front().id) * 0x9E3779B97F4A7C15U;
  return sqlite::sweep_threads(change.db, seed, 4 * messages.size());
}

Result<std::vector<sqlite::MessageRow>> read_messages(sqlite::Connection& db, MailboxId mailbox, const UidSet& uids) {
  std::vector<sqlite::MessageRow> list;
  sqlite::MessageCursor cursor(db, mailbox, uids);
  while (cursor.next()) list.push_back(cursor.row());
  if (!cursor.ok()) return cursor.error();
  return list;
}

UidSet uids_of(const std::vector<sqlite::MessageRow>& messages) {
  UidSet uids;
  for (const sqlite::MessageRow& message : messages) uids.add(message.uid);
  return uids;
}

Result<sqlite::MailboxRow> make_mailbox(Change& change, std::string_view name, SpecialUse use, std::uint64_t most) {
  if (use != SpecialUse::none) {
    auto other = sqlite::find_special_use(change.db, use);
    if (other) return Error{Errc::not_permitted, "another mailbox has this special use: " + other->name};
    if (other.error().code != Errc::not_found) return other.error();
  }
  // From the first level down; at most 64 of them.
  std::vector<std::string_view> missing = {name};
  for (std::string_view parent = parent_of(name); !parent.empty(); parent = parent_of(parent)) {
    auto existing = sqlite::find_mailbox(change.db, parent);
    if (existing) break;
    if (existing.error().code != Errc::not_found) return existing.error();
    missing.push_back(parent);
  }
  auto count = sqlite::count_mailboxes(change.db);
  if (!count) return count.error();
  if (*count + missing.size() > most) return Error{Errc::limit, "the account has too many mailboxes"};

  sqlite::MailboxRow row;
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    auto uid_validity = change.take_uid_validity();
    if (!uid_validity) return uid_validity.error();
    auto modseq = change.take_modseq();
    if (!modseq) return modseq.error();
    row = {};
    row.name = *next;
    row.uid_validity = *uid_validity;
    row.highest_modseq = *modseq;
    if (*next == name) row.special_use = use;
    if (auto done = sqlite::insert_mailbox(change.db, row); !done) return done.error();
  }
  return row;
}

}  // namespace postfach::store
