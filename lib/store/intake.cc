// Messages that come in with the UIDs and UIDLs they had elsewhere.
#include <algorithm>
#include <limits>
#include <utility>

#include "append.h"
#include "names.h"
#include "postfach/migrate.h"
#include "spool.h"
#include "sqlite/imports.h"
#include "sqlite/keywords.h"
#include "sqlite/uidls.h"
#include "store_impl.h"

namespace postfach {
namespace {

constexpr std::size_t kMostKeyOctets = 1000;
// UIDVALIDITYs are mostly times. One that lies further ahead than this is not taken for one: new mailboxes count on from
// the highest that was given out, and would soon be at the end.
constexpr std::int64_t kPlausibleFuture = 366 * 86400;

Result<void> check_key(std::string_view key, const char* what) {
  if (!key.empty() && key.size() <= kMostKeyOctets && key.find('\0') == std::string_view::npos) return {};
  return Error{Errc::invalid_argument, std::string(what) + " is not 1 to 1000 octets"};
}

// Another mailbox in the place of an empty one: it has the name, and handles to the old one find nothing. So no session
// goes on with a UIDVALIDITY that is not true any more.
Result<void> renew(store::Change& change, sqlite::MailboxRow& row, UidValidity uid_validity) {
  const sqlite::MailboxRow old = row;
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  if (auto done = sqlite::delete_mailbox(change.db, old.id); !done) return done;
  row = {};
  row.name = old.name;
  row.special_use = old.special_use;
  row.uid_validity = uid_validity;
  row.highest_modseq = *modseq;
  if (auto done = sqlite::insert_mailbox(change.db, row); !done) return done;
  row.quota_bytes = old.quota_bytes;
  row.quota_messages = old.quota_messages;
  if (auto done = sqlite::save_mailbox(change.db, row); !done) return done;
  change.touched.push_back(old.id);
  change.touched.push_back(row.id);
  if (uid_validity <= change.now + kPlausibleFuture) {
    change.account.last_uid_validity = std::max(change.account.last_uid_validity, uid_validity);
  }
  return {};
}

Result<sqlite::MailboxRow> find_or_make(store::Change& change, const Store::Impl& store, const std::string& name,
                                        SpecialUse use) {
  auto existing = sqlite::find_mailbox(change.db, name);
  if (existing && existing->selectable) return existing;
  if (!existing && existing.error().code != Errc::not_found) return existing;
  if (existing) {
    if (auto removed = sqlite::delete_mailbox(change.db, existing->id); !removed) return removed.error();
  }
  if (use != SpecialUse::none) {
    auto other = sqlite::find_special_use(change.db, use);
    if (!other && other.error().code != Errc::not_found) return other;
    if (other) use = SpecialUse::none;
  }
  auto made =
      store::make_mailbox(change, name, use, change.account.quota_mailboxes.value_or(store.options.max_mailboxes));
  if (made) change.touched.push_back(made->id);
  return made;
}

}  // namespace

Result<Intake> Intake::begin(const Account& account, const IntakeOptions& options) {
  auto name = store::canonical_name(store::without_trailing_separator(options.mailbox));
  if (!name) return name.error();
  if (auto checked = check_key(options.source, "the name of a source"); !checked) return checked.error();
  const auto& impl = account.impl_;
  sqlite::MailboxRow row;
  std::int64_t source = 0;
  auto done = impl->change([&](store::Change& change) -> Result<void> {
    auto found = find_or_make(change, *impl->store, *name, options.use);
    if (!found) return found.error();
    row = *std::move(found);
    if (options.uid_validity != 0 && row.uid_validity != options.uid_validity && row.messages == 0) {
      if (auto renewed = renew(change, row, options.uid_validity); !renewed) return renewed;
    }
    auto id = sqlite::make_import_source(change.db, row.id, options.source);
    if (!id) return id.error();
    source = *id;
    return {};
  });
  if (!done) return done.error();
  Mailbox mailbox(std::make_shared<Mailbox::Impl>(Mailbox::Impl{impl, row.id}));
  const bool keeps_uids = options.uid_validity != 0 && row.uid_validity == options.uid_validity;
  return Intake(std::move(mailbox), source, options.uid_next, keeps_uids);
}

Result<std::vector<Uid>> Intake::uids(const std::vector<std::string>& keys) const {
  return mailbox_.impl_->account->read([&](sqlite::Connection& db) -> Result<std::vector<Uid>> {
    std::vector<Uid> out;
    out.reserve(keys.size());
    for (const std::string& key : keys) {
      auto found = sqlite::find_imported(db, source_, key);
      if (!found) return found.error();
      out.push_back(*found ? (*found)->uid : 0);
    }
    return out;
  });
}

Result<std::vector<bool>> Intake::present(const std::vector<std::string>& keys) const {
  auto found = uids(keys);
  if (!found) return found.error();
  std::vector<bool> out;
  out.reserve(found->size());
  for (const Uid uid : *found) out.push_back(uid != 0);
  return out;
}

namespace {

// One transaction of Intake::add.
struct Taking {
  std::int64_t source;
  Uid source_next;  // 0: unknown
  bool keeps_uids;
  std::vector<std::string> uidls;  // of the messages, which are without them: not every one can be kept
  std::vector<bool> stored;        // which of the messages
  IntakeReport report;

  Result<void> run(store::Change& change, sqlite::MailboxRow& mailbox, const std::vector<IntakeMessage>& messages);

 private:
  Result<void> take(store::Change& change, sqlite::MailboxRow& mailbox, KeywordNames& names,
                    const IntakeMessage& incoming, const std::string& uidl, ModSeq modseq);
};

Result<void> Taking::take(store::Change& change, sqlite::MailboxRow& mailbox, KeywordNames& names,
                          const IntakeMessage& incoming, const std::string& uidl, ModSeq modseq) {
  if (keeps_uids) {
    const Uid wanted = incoming.uid != 0 ? incoming.uid : source_next;
    // The highest UIDs would leave no room for the mail that comes later.
    if (wanted > mailbox.uid_next && wanted < std::numeric_limits<Uid>::max() - 1) mailbox.uid_next = wanted;
  }
  auto uid = store::take_uids(change, mailbox, 1);
  if (!uid) return uid.error();
  if (incoming.uid != 0 && (!keeps_uids || *uid != incoming.uid)) ++report.new_uids;
  auto id = store::insert(change, mailbox, names, incoming.message, *uid, modseq, incoming.saved);
  if (!id) return id.error();
  if (!uidl.empty()) {
    auto kept = sqlite::insert_uidl(change.db, *id, uidl);
    if (!kept && kept.error().code != Errc::already_exists) return kept;
    if (!kept) report.new_uidls.push_back(uidl);
  }
  report.octets += incoming.message.content.size();
  ++report.messages;
  return sqlite::insert_imported(change.db, source, incoming.key, {*id, *uid});
}

Result<void> Taking::run(store::Change& change, sqlite::MailboxRow& mailbox,
                         const std::vector<IntakeMessage>& messages) {
  stored.assign(messages.size(), false);
  report = {};
  auto names = sqlite::load_keywords(change.db, mailbox.id);
  if (!names) return names.error();
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto found = sqlite::find_imported(change.db, source, messages[i].key);
    if (!found) return found.error();
    if (found->has_value()) {
      ++report.present;
      continue;
    }
    const Usage added{messages[i].message.content.size(), 1};
    if (auto fits = change.check_quota(added); !fits) return fits;
    if (auto fits = store::Change::check_quota(mailbox, added); !fits) return fits;
    if (auto fits = change.check_size(added.bytes); !fits) return fits;
    if (auto taken = take(change, mailbox, *names, messages[i], uidls[i], *modseq); !taken) {
      return taken;
    }
    stored[i] = true;
  }
  if (report.messages == 0) return {};
  mailbox.highest_modseq = *modseq;
  change.touched.push_back(mailbox.id);
  return sqlite::save_mailbox(change.db, mailbox);
}

}  // namespace

Result<IntakeReport> Intake::add(std::vector<IntakeMessage> messages) const {
  const auto& account = mailbox_.impl_->account;
  std::vector<std::string> keys;
  for (const IntakeMessage& incoming : messages) {
    if (auto checked = check_key(incoming.key, "the key of a message"); !checked) return checked.error();
    keys.push_back(incoming.key);
  }
  // What is known is not worth a sync of its octets; the transaction looks again.
  auto there = present(keys);
  if (!there) return there.error();
  std::vector<IntakeMessage> missing;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!(*there)[i]) missing.push_back(std::move(messages[i]));
  }
  const std::uint64_t known = messages.size() - missing.size();
  messages.clear();

  IntakeReport report;
  report.present = known;
  if (missing.empty()) return report;
  std::vector<std::string> uidls;
  for (IntakeMessage& incoming : missing) {
    if (auto prepared = store::prepare(incoming.message, *account); !prepared) return prepared.error();
    uidls.push_back(std::exchange(incoming.message.uidl, {}));
  }
  Taking taking{source_, uid_next_, keeps_uids_, std::move(uidls), {}, {}};
  bool is_stored = false;
  auto done = account->change([&](store::Change& change) -> Result<void> {
    auto mailbox = store::load_selectable(change.db, mailbox_.impl_->id);
    if (!mailbox) return mailbox.error();
    if (auto ran = taking.run(change, *mailbox, missing); !ran) return ran;
    is_stored = true;
    return {};
  });
  if (!done && done.error().code == Errc::over_quota) is_stored = false;
  // As Mailbox::append does: after a COMMIT that failed the files stay, and a sweep decides.
  for (std::size_t i = 0; is_stored && i < missing.size(); ++i) {
    if (taking.stored[i]) missing[i].message.content.impl().keep_file();
  }
  if (!done) return done.error();
  taking.report.present += known;
  return std::move(taking.report);
}

Result<void> Intake::finish() const {
  if (!keeps_uids_ || uid_next_ == 0 || uid_next_ >= std::numeric_limits<Uid>::max() - 1) return {};
  const auto& impl = mailbox_.impl_;
  return impl->account->change([&](store::Change& change) -> Result<void> {
    auto mailbox = store::load_selectable(change.db, impl->id);
    if (!mailbox) return mailbox.error();
    if (mailbox->uid_next >= uid_next_) return {};
    mailbox->uid_next = uid_next_;
    return sqlite::save_mailbox(change.db, *mailbox);
  });
}

Result<std::string> Intake::state() const {
  return mailbox_.impl_->account->read([&](sqlite::Connection& db) { return sqlite::import_state(db, source_); });
}

Result<void> Intake::set_state(std::string_view state) const {
  if (state.size() > kMostKeyOctets) return Error{Errc::invalid_argument, "the state of a source is too long"};
  return mailbox_.impl_->account->change(
      [&](store::Change& change) { return sqlite::set_import_state(change.db, source_, state); });
}

}  // namespace postfach
