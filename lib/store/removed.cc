// Removed messages: how they are kept, listed, brought back and purged.
#include "removed.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "names.h"
#include "postfach/removed.h"
#include "postfach/store.h"
#include "sqlite/bodies.h"
#include "sqlite/keywords.h"
#include "sqlite/threads.h"
#include "sqlite/uidls.h"
#include "store_impl.h"

namespace postfach {
namespace store {
namespace {

// Rows of one transaction of a purge: some 20 ms.
constexpr std::size_t kPurgedTogether = 500;

// The names of a message's keywords, with spaces between them.
std::string join_names(KeywordMask mask, const KeywordNames& names) {
  std::string text;
  for (std::size_t bit = 0; mask != 0 && bit < names.size(); ++bit, mask >>= 1U) {
    if ((mask & 1U) == 0) continue;
    if (!text.empty()) text += ' ';
    text += names[bit];
  }
  return text;
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

std::uint64_t most_mailboxes(const Change& change, const StoreOptions& options) noexcept {
  return change.account.quota_mailboxes.value_or(options.max_mailboxes);
}

void uncount(Change& change, const sqlite::RemovedRow& row) noexcept {
  change.account.removed_bytes -= row.message.size;
  --change.account.removed_messages;
  if (!row.is_counted) return;
  change.account.bytes -= row.message.size;
  --change.account.messages;
}

// What is kept beyond UndeleteOptions::most_bytes goes, a bounded part of it with each change.
Result<void> keep_within(Change& change, std::uint64_t most, std::size_t added) {
  if (change.account.removed_bytes <= most) return {};
  auto rows = sqlite::oldest_removed(change.db, INT64_MAX, 2 * added + 16);
  if (!rows) return rows.error();
  std::uint64_t left = change.account.removed_bytes;
  std::size_t count = 0;
  while (count < rows->size() && left > most) left -= std::min(left, (*rows)[count++].message.size);
  rows->resize(count);
  return purge(change, *rows);
}

// Where the messages of a mailbox are brought back to. Errors: limit.
Result<sqlite::MailboxRow> target_of(Change& change, MailboxId id, const std::optional<std::string>& name,
                                     const StoreOptions& options) {
  sqlite::MailboxRow wanted;
  if (name) {
    wanted.name = *name;
  } else {
    auto row = sqlite::load_mailbox(change.db, id);
    if (row && row->selectable) return row;
    if (!row && row.error().code != Errc::not_found) return row.error();
    auto old = sqlite::removed_mailbox(change.db, id);
    if (!old) return old.error();
    wanted = *std::move(old);
    if (wanted.name.empty()) wanted.name = kInbox;
  }
  auto existing = sqlite::find_mailbox(change.db, wanted.name);
  if (existing && existing->selectable) return existing;
  if (!existing && existing.error().code != Errc::not_found) return existing.error();
  if (existing) {
    if (auto removed = sqlite::delete_mailbox(change.db, existing->id); !removed) return removed.error();
  }
  if (wanted.special_use != SpecialUse::none) {
    auto other = sqlite::find_special_use(change.db, wanted.special_use);
    if (!other && other.error().code != Errc::not_found) return other.error();
    if (other) wanted.special_use = SpecialUse::none;
  }
  // Mail programs show what is subscribed, and unsubscribe what they remove.
  if (auto done = sqlite::insert_subscription(change.db, wanted.name); !done) return done.error();
  auto made = make_mailbox(change, wanted.name, wanted.special_use, most_mailboxes(change, options));
  if (!made) return made;
  made->quota_bytes = wanted.quota_bytes;
  made->quota_messages = wanted.quota_messages;
  return made;
}

// The rows, which are of one mailbox, come back into the target.
Result<void> bring_back(Change& change, sqlite::MailboxRow& target, const std::vector<sqlite::RemovedRow>& rows,
                        std::vector<RestoredMessage>& restored) {
  Usage counted;
  Usage uncounted;
  for (const sqlite::RemovedRow& row : rows) {
    Usage& usage = row.is_counted ? counted : uncounted;
    usage.bytes += row.message.size;
    ++usage.messages;
  }
  if (auto fits = change.check_quota(uncounted); !fits) return fits;
  const Usage all{counted.bytes + uncounted.bytes, counted.messages + uncounted.messages};
  if (auto fits = Change::check_quota(target, all); !fits) return fits;
  auto uid = take_uids(change, target, rows.size());
  if (!uid) return uid.error();
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  auto names = sqlite::load_keywords(change.db, target.id);
  if (!names) return names.error();
  for (const sqlite::RemovedRow& row : rows) {
    const std::vector<std::string> wanted = split_names(row.keywords);
    auto keywords = sqlite::make_keywords(change.db, target.id, *names, wanted);
    if (!keywords && keywords.error().code != Errc::limit) return keywords.error();
    sqlite::MessageRow message = row.message;
    message.uid = (*uid)++;
    // With \Deleted the next EXPUNGE would take it away again.
    // Whoever brings it back wants to see it, over POP3 too.
    message.flag_bits &= ~(std::uint32_t{Flags(Flag::deleted).bits()} | sqlite::kHiddenFromPop3);
    message.keywords = keywords ? *keywords : sqlite::known_keywords(*names, wanted);
    message.modseq = *modseq;
    message.saved = change.now;
    if (auto done = sqlite::insert_message(change.db, target.id, message); !done) return done;
    if (auto done = sqlite::delete_removed(change.db, row.removed, message.id); !done) return done;
    uncount(change, row);
    change.account.bytes += message.size;
    ++change.account.messages;
    count_in(target, message);
    restored.push_back({message.id, target.name, target.uid_validity, message.uid});
  }
  target.highest_modseq = *modseq;
  change.touched.push_back(target.id);
  return sqlite::save_mailbox(change.db, target);
}

}  // namespace

Result<void> keep_removed(Change& change, sqlite::MailboxRow& mailbox,
                          const std::vector<sqlite::MessageRow>& messages) {
  if (messages.empty()) return {};
  if (auto done = sqlite::delete_messages(change.db, mailbox.id, uids_of(messages)); !done) return done;
  if (auto done = sqlite::save_removed_mailbox(change.db, mailbox); !done) return done;
  std::optional<KeywordNames> names;
  sqlite::RemovedRow row;
  row.removed = change.now;
  row.mailbox = mailbox.id;
  row.is_counted = change.undelete->counts_for_quota;
  for (const sqlite::MessageRow& message : messages) {
    row.message = message;
    row.keywords.clear();
    if (message.keywords != 0) {
      if (!names) {
        auto loaded = sqlite::load_keywords(change.db, mailbox.id);
        if (!loaded) return loaded.error();
        names = *std::move(loaded);
      }
      row.keywords = join_names(message.keywords, *names);
    }
    if (auto done = sqlite::insert_removed(change.db, row); !done) return done;
    count_out(mailbox, message);
    change.account.removed_bytes += message.size;
    ++change.account.removed_messages;
    if (row.is_counted) continue;
    change.account.bytes -= message.size;
    --change.account.messages;
  }
  return change.undelete->most_bytes ? keep_within(change, *change.undelete->most_bytes, messages.size())
                                     : Result<void>();
}

Result<void> purge(Change& change, const std::vector<sqlite::RemovedRow>& rows) {
  if (rows.empty()) return {};
  // Usage changes: who keeps a book of it must be able to tell before from after.
  const bool any_counted = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.is_counted; });
  if (any_counted) {
    if (auto modseq = change.take_modseq(); !modseq) return modseq.error();
  }
  auto imported = change.db.value("SELECT 1 FROM uidl LIMIT 1");
  if (!imported) return imported.error();
  for (const sqlite::RemovedRow& row : rows) {
    if (auto done = sqlite::delete_removed(change.db, row.removed, row.message.id); !done) return done;
    if (auto done = sqlite::drop_reference(change.db, row.message.body_id, change.dead_files); !done) return done;
    if (imported->has_value()) {
      if (auto done = sqlite::delete_uidl(change.db, row.message.id); !done) return done;
    }
    uncount(change, row);
  }
  if (change.account.removed_messages == 0) {
    if (auto done = sqlite::clear_removed_mailboxes(change.db); !done) return done;
  }
  const std::uint64_t seed = static_cast<std::uint64_t>(rows.front().message.id) * 0x9E3779B97F4A7C15U;
  return sqlite::sweep_threads(change.db, seed, 4 * rows.size());
}

Result<std::uint64_t> purge_until(const Account::Impl& account, std::int64_t until) {
  std::uint64_t purged = 0;
  auto done = account.change([&](Change& change) -> Result<void> {
    auto rows = sqlite::oldest_removed(change.db, until, kPurgedTogether);
    if (!rows) return rows.error();
    purged = rows->size();
    return purge(change, *rows);
  });
  if (!done) return done.error();
  return purged;
}

}  // namespace store

namespace {

constexpr std::size_t kMostInPage = 1000;
constexpr std::size_t kMostLookedAt = 20'000;

Result<std::vector<sqlite::RemovedRow>> find_rows(sqlite::Connection& db, const std::vector<RemovedKey>& keys) {
  std::vector<sqlite::RemovedRow> rows;
  for (const RemovedKey& key : keys) {
    auto row = sqlite::find_removed(db, key.removed, key.id);
    if (!row) return row.error();
    if (row->has_value()) rows.push_back(**std::move(row));
  }
  // By mailbox and UID, and each once.
  const auto order = [](const sqlite::RemovedRow& row) {
    return std::tuple(row.mailbox, row.message.uid, row.removed, row.message.id);
  };
  std::sort(rows.begin(), rows.end(), [&](const auto& left, const auto& right) { return order(left) < order(right); });
  const auto is_same = [](const sqlite::RemovedRow& left, const sqlite::RemovedRow& right) {
    return left.message.id == right.message.id;
  };
  rows.erase(std::unique(rows.begin(), rows.end(), is_same), rows.end());
  return rows;
}

}  // namespace

Result<RemovedPage> list_removed(const Account& account, const RemovedFilter& filter, RemovedKey before,
                                 std::size_t most) {
  if (most < 1 || most > kMostInPage) return Error{Errc::invalid_argument, "a page has 1 to 1000 messages"};
  std::optional<std::string> mailbox;
  if (filter.mailbox) {
    auto name = store::canonical_name(*filter.mailbox);
    if (!name) return name.error();
    mailbox = *std::move(name);
  }
  return account.impl()->read([&](sqlite::Connection& db) -> Result<RemovedPage> {
    RemovedPage page;
    auto uidls = sqlite::Uidls::load(db);
    if (!uidls) return uidls.error();
    sqlite::RemovedCursor removed(db, before.removed, before.id, filter.since.value_or(INT64_MIN));
    RemovedKey last;
    for (std::size_t looked_at = 0; removed.next(); ++looked_at) {
      if (page.messages.size() == most || looked_at == kMostLookedAt) {
        page.next = last;
        break;
      }
      const sqlite::RemovedRow& row = removed.row();
      last = {row.removed, row.message.id};
      if (mailbox && removed.mailbox() != *mailbox) continue;
      auto uidl = uidls->of(row.message.id);
      if (!uidl) return uidl.error();
      RemovedMessage message{.key = last,
                             .mailbox = std::string(removed.mailbox()),
                             .mailbox_exists = removed.mailbox_exists(),
                             .uid = row.message.uid,
                             .flags = row.message.flags(),
                             .keywords = store::split_names(row.keywords),
                             .internal_date = row.message.internal_date,
                             .size = row.message.size,
                             .uidl = std::string(*uidl),
                             .envelope = {},
                             .is_counted = row.is_counted};
      auto envelope = db.query("SELECT envelope FROM body WHERE id = ?1", row.message.body_id);
      if (envelope.next()) message.envelope = envelope.text(0);
      if (!envelope.ok()) return envelope.error();
      page.messages.push_back(std::move(message));
    }
    if (!removed.ok()) return removed.error();
    return page;
  });
}

Result<Usage> removed_usage(const Account& account) {
  return account.impl()->read([](sqlite::Connection& db) -> Result<Usage> {
    auto row = sqlite::load_account(db);
    if (!row) return row.error();
    return Usage{row->removed_bytes, row->removed_messages};
  });
}

Result<std::vector<RestoredMessage>> restore_removed(const Account& account, const std::vector<RemovedKey>& keys,
                                                     const std::optional<std::string>& mailbox) {
  std::optional<std::string> name;
  if (mailbox) {
    auto canonical = store::canonical_name(store::without_trailing_separator(*mailbox));
    if (!canonical) return canonical.error();
    name = *std::move(canonical);
  }
  std::vector<RestoredMessage> restored;
  auto done = account.impl()->change([&](store::Change& change) -> Result<void> {
    restored.clear();
    auto rows = find_rows(change.db, keys);
    if (!rows) return rows.error();
    for (auto first = rows->begin(); first != rows->end();) {
      const auto end = std::find_if(first, rows->end(),
                                    [&](const sqlite::RemovedRow& row) { return row.mailbox != first->mailbox; });
      auto target = store::target_of(change, first->mailbox, name, account.impl()->store->options);
      if (!target) return target.error();
      if (auto back = store::bring_back(change, *target, {first, end}, restored); !back) return back;
      first = end;
    }
    return {};
  });
  if (!done) return done.error();
  return restored;
}

Result<std::uint64_t> purge_removed(const Account& account, const std::vector<RemovedKey>& keys) {
  std::uint64_t purged = 0;
  auto done = account.impl()->change([&](store::Change& change) -> Result<void> {
    auto rows = find_rows(change.db, keys);
    if (!rows) return rows.error();
    purged = rows->size();
    return store::purge(change, *rows);
  });
  if (!done) return done.error();
  return purged;
}

Result<std::uint64_t> purge_removed(const Account& account, std::int64_t until) {
  std::uint64_t all = 0;
  for (;;) {
    auto purged = store::purge_until(*account.impl(), until);
    if (!purged) return purged.error();
    all += *purged;
    if (*purged < store::kPurgedTogether) return all;
  }
}

}  // namespace postfach
