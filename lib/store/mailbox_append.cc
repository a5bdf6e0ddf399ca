// Mailbox::append: messages from their spools into rows.
#include <utility>

#include "append.h"
#include "names.h"
#include "postfach/account.h"
#include "postfach/mailbox.h"
#include "spool.h"
#include "sqlite/bodies.h"
#include "sqlite/keywords.h"
#include "sqlite/uidls.h"
#include "store_impl.h"
#include "threads.h"

namespace postfach {
namespace store {

namespace {

Result<void> check(const NewMessage& message, const Account::Impl& account) {
  for (const std::string& keyword : message.keywords) {
    if (auto checked = check_keyword(keyword); !checked) return checked;
  }
  if (message.internal_date) {
    const int zone = message.internal_date->zone_minutes;
    if (zone < -1439 || zone > 1439) return Error{Errc::invalid_argument, "a zone is more than a day away"};
  }
  if (!message.uidl.empty()) {
    if (auto checked = check_uidl(message.uidl); !checked) return checked;
  }
  const Spool::Impl& spool = message.content.impl();
  if (spool.account->id != account.id || spool.account->store != account.store) {
    return Error{Errc::invalid_argument, "the message was spooled for another account"};
  }
  return {};
}

}  // namespace

Result<void> prepare(NewMessage& message, const Account::Impl& account) {
  if (auto checked = check(message, account); !checked) return checked;
  return message.content.impl().make_durable();
}

void prepare_each(std::span<AppendRequest> requests, const Account::Impl& account,
                  std::span<Result<Appended>> outcomes) {
  bool has_files = false;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!outcomes[i]) continue;
    NewMessage& message = requests[i].message;
    auto done = check(message, account);
    if (done) done = message.content.impl().make_octets_durable();
    if (!done) outcomes[i] = std::move(done).error();
    has_files = has_files || message.content.is_file();
  }
  if (!has_files) return;
  auto synced = base::sync_directory(account.store->locate(account.id).large);
  if (synced) return;
  const Error error = account.failure(nullptr, synced.error());
  for (Result<Appended>& outcome : outcomes) {
    if (outcome) outcome = error;
  }
}

Result<MessageId> insert(Change& change, sqlite::MailboxRow& mailbox, KeywordNames& names, const NewMessage& message,
                         Uid uid, ModSeq modseq, std::optional<std::int64_t> saved) {
  const Spool::Impl& spool = message.content.impl();
  auto keywords = sqlite::make_keywords(change.db, mailbox.id, names, message.keywords);
  if (!keywords) return keywords.error();
  sqlite::MessageRow row;
  row.uid = uid;
  row.id = change.take_message_id();
  row.flag_bits = message.flags.bits() | (spool.parsed.ends_with_crlf ? 0U : sqlite::kNoFinalCrlf);
  row.keywords = *keywords;
  row.modseq = modseq;
  row.internal_date = message.internal_date.value_or(DateTime{change.now, 0});
  row.size = spool.size;
  row.body_id = static_cast<std::int64_t>(row.id);
  row.saved = saved.value_or(change.now);
  auto thread = join_thread(change, row.body_id, spool.parsed.thread_refs);
  if (!thread) return thread.error();
  const sqlite::NewBody body{.id = row.body_id,
                             .size = spool.size,
                             .header_size = spool.parsed.header_size,
                             .envelope = spool.parsed.envelope,
                             .body_structure = spool.parsed.body_structure,
                             .sections = spool.parsed.sections,
                             .thread_refs = spool.parsed.thread_refs,
                             .thread_id = *thread,
                             .file = spool.file_name,
                             .octets = spool.memory,
                             .header = spool.header()};
  if (auto done = sqlite::insert_body(change.db, body); !done) return done.error();
  if (auto done = sqlite::insert_message(change.db, mailbox.id, row); !done) return done.error();
  if (!message.uidl.empty()) {
    auto done = sqlite::insert_uidl(change.db, row.id, message.uidl);
    if (!done && (done.error().code != Errc::already_exists || !message.or_new_uidl)) return done.error();
  }
  count_in(mailbox, row);
  change.account.bytes += row.size;
  ++change.account.messages;
  return row.id;
}

Result<Appended> append_unsaved(Change& change, sqlite::MailboxRow& mailbox, KeywordNames& names,
                                std::span<const NewMessage> messages) {
  Appended appended;
  appended.before = mailbox.highest_modseq;
  auto uid = take_uids(change, mailbox, messages.size());
  if (!uid) return uid.error();
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  for (const NewMessage& message : messages) {
    auto inserted = insert(change, mailbox, names, message, *uid, *modseq);
    if (!inserted) return inserted.error();
    appended.uids.push_back((*uid)++);
  }
  mailbox.highest_modseq = *modseq;
  appended.modseq = *modseq;
  appended.uid_validity = mailbox.uid_validity;
  change.touched.push_back(mailbox.id);
  return appended;
}

Result<Appended> append(Change& change, sqlite::MailboxRow& mailbox, std::span<const NewMessage> messages) {
  auto names = change.keywords(mailbox.id);
  if (!names) return names.error();
  auto appended = append_unsaved(change, mailbox, *names, messages);
  if (!appended) return appended;
  if (auto saved = change.save_and_leave(mailbox, *names); !saved) return saved.error();
  return appended;
}

Result<void> check_quotas(const Change& change, const sqlite::MailboxRow& mailbox,
                          std::span<const NewMessage> messages) {
  Usage added{0, messages.size()};
  for (const NewMessage& message : messages) added.bytes += message.content.size();
  if (auto fits = change.check_quota(added); !fits) return fits;
  if (auto fits = Change::check_quota(mailbox, added); !fits) return fits;
  for (const NewMessage& message : messages) {
    if (auto fits = change.check_size(message.content.size()); !fits) return fits;
  }
  return {};
}

}  // namespace store

Result<Appended> Mailbox::append(std::vector<NewMessage> messages) const {
  if (messages.empty()) return Error{Errc::invalid_argument, "no message to append"};
  for (NewMessage& message : messages) {
    if (auto prepared = store::prepare(message, *impl_->account); !prepared) return prepared.error();
  }

  Appended appended;
  bool is_stored = false;
  auto done = impl_->account->change([&](store::Change& change) -> Result<void> {
    auto mailbox = change.selectable(impl_->id);
    if (!mailbox) return mailbox.error();
    if (auto fits = store::check_quotas(change, *mailbox, messages); !fits) return fits;
    auto result = store::append(change, *mailbox, messages);
    if (!result) return result.error();
    appended = *std::move(result);
    is_stored = true;
    return {};
  });
  if (!done && done.error().code == Errc::over_quota) is_stored = false;
  // After a COMMIT that failed nobody knows what a restart will find: the files stay, and a sweep decides.
  if (is_stored) {
    for (NewMessage& message : messages) message.content.impl().keep_file();
  }
  if (!done) return done.error();
  return appended;
}

Result<Appended> Mailbox::append(NewMessage message) const {
  std::vector<NewMessage> one;
  one.push_back(std::move(message));
  return append(std::move(one));
}

Result<Appended> Mailbox::append(std::string_view octets, Flags flags) const {
  auto spool = account().spool(octets.size());
  if (!spool) return spool.error();
  if (auto written = spool->write(octets); !written) return written.error();
  return append(NewMessage{std::move(*spool), flags, {}, {}, {}});
}

}  // namespace postfach
