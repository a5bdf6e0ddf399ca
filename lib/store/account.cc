// Account: usage, quota, delivery, and how its transactions run.
#include "postfach/account.h"

#include <algorithm>

#include "append.h"
#include "base/files.h"
#include "names.h"
#include "quota_warnings.h"
#include "spool.h"
#include "sqlite/mailboxes.h"
#include "store_impl.h"

namespace postfach {

Result<void> Account::Impl::change(const std::function<Result<void>(store::Change&)>& job) const {
  auto account = store->open_account(id);
  if (!account) return failure(nullptr, account.error());
  store::OpenAccount& open = **account;

  std::vector<MailboxId> touched;
  std::vector<std::string> dead_files;
  std::vector<store::FlagsChanged> flags_changed;
  ModSeq before = 0;
  ModSeq after = 0;
  bool others_wrote = false;
  bool succeeded = false;
  store::Entry entry;
  store::UsageBook::Then then = store::UsageBook::Then::nothing;
  bool is_charged = false;
  std::optional<QuotaWarning> warning;
  std::optional<std::int64_t> removed;  // when, if messages were removed that can be brought back
  sqlite::AccountRow left_row;
  std::optional<store::MailboxState> left_mailbox;
  const auto run = [&](sqlite::Connection& db) -> Result<void> {
    // A file that was taken away while we waited would take our change with it.
    if (!open.is_current()) return Error{Errc::not_found, "the account was removed"};
    const std::optional<sqlite::DataVersion>& found = db.found();
    const std::optional<sqlite::AccountRow> known = found ? open.row.find(*found) : std::nullopt;
    auto row = known ? Result<sqlite::AccountRow>(*known) : sqlite::load_account(db);
    if (!row) return row.error();
    before = row->highest_modseq;
    store::Change change{.db = db, .account = *row, .now = store->clock(), .undelete = &store->options.undelete};
    if (found) change.known = open.mailbox.find(*found);
    if (auto done = job(change); !done) return done;
    if (change.account != *row) {
      warning = store::pass_thresholds(store->options.quota_warnings, change.account);
      if (auto saved = sqlite::save_account(db, change.account); !saved) return saved;
      const store::Entry old = store::Entry::of(id, name, *row);
      entry = store::Entry::of(id, name, change.account);
      if (!entry.is_same_as(old)) {
        auto charged = store->usage->charge(old, entry, change.is_exempt);
        if (!charged) return charged.error();
        then = *charged;
        is_charged = true;
      }
    }
    if (change.account.removed_messages > row->removed_messages) removed = change.now;
    after = change.account.highest_modseq;
    others_wrote = open.last_modseq.exchange(after) != before;
    touched = std::move(change.touched);
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    flags_changed = std::move(change.flags_changed);
    dead_files = std::move(change.dead_files);
    left_row = change.account;
    left_mailbox = std::move(change.left);
    if (const std::optional<sqlite::DataVersion>& leaves = db.leaves()) {
      open.row.keep(*leaves, left_row);
      if (left_mailbox) open.mailbox.keep(*leaves, *left_mailbox);
    }
    succeeded = true;
    return {};
  };
  const auto committed = [&](const std::optional<sqlite::DataVersion>& left) {
    if (left) open.row.keep(*left, left_row);
    if (left && left_mailbox) open.mailbox.keep(*left, *std::move(left_mailbox));
    if (after != before) open.recent.record(before, after, std::move(flags_changed));
    if (is_charged) store->usage->settle(entry, then);
  };
  if (auto done = open.database->write(run, committed); !done) {
    if (is_charged) store->usage->doubt(id, name);
    if (succeeded) open.last_modseq = 0;  // what the file holds is not known
    return failure(&open, std::move(done).error());
  }
  // A file that can't be removed now is found by the next sweep.
  for (const std::string& file : dead_files) {
    (void)base::remove_file(base::join_path(open.location.large, file));
  }
  if (after != before) store->hub.ring(id, touched, others_wrote);
  if (removed) store->removed.note(id, *removed);
  if (warning) {
    warning->account = name;
    warn(*warning);
  }
  return {};
}

Result<sqlite::AccountRow> Account::Impl::row() const {
  auto account = store->open_account(id);
  if (!account) return failure(nullptr, account.error());
  auto row = (*account)->database->read_known((*account)->row, sqlite::load_account);
  if (!row) return failure(account->get(), row.error());
  return row;
}

void Account::Impl::warn(const QuotaWarning& warning) const {
  store->observe(Severity::warning, warning.is_over ? "quota_warning" : "quota_warning_over", name,
                 std::to_string(warning.percent) + " percent");
  const QuotaWarningHook& hook = store->options.quota_warnings.hook;
  if (!hook) return;
  const std::string octets = hook(warning);
  if (octets.empty()) return;
  std::vector<NewMessage> messages;
  messages.push_back({.content = Spool(std::make_unique<Spool::Impl>(std::make_shared<const Impl>(*this)))});
  NewMessage& message = messages.front();
  auto done = message.content.write(octets);
  if (done) done = store::prepare(message, *this);
  if (done) {
    done = change([&](store::Change& change) -> Result<void> {
      change.is_exempt = true;
      auto inbox = sqlite::find_mailbox(change.db, store::kInbox);
      if (!inbox) return inbox.error();
      auto appended = store::append(change, *inbox, messages);
      if (!appended) return appended.error();
      message.content.impl().keep_file();
      return {};
    });
  }
  if (!done) store->observe(Severity::error, "quota_warning_lost", name, done.error().message);
}

Error Account::Impl::failure(store::OpenAccount* account, Error error) const {
  if (error.code == Errc::corrupt) {
    if (account == nullptr || !account->damage_reported.exchange(true)) {
      store->observe(Severity::error, "account_corrupt", name, error.message);
    }
  } else if (error.code == Errc::unavailable) {
    store->observe(Severity::error, "storage_error", name, error.message);
  }
  return error;
}

AccountId Account::id() const noexcept { return impl_->id; }
const std::string& Account::name() const noexcept { return impl_->name; }

Result<Usage> Account::usage() const {
  auto row = impl_->row();
  if (!row) return row.error();
  return Usage{row->bytes, row->messages};
}

Result<Quota> Account::quota() const {
  auto row = impl_->row();
  if (!row) return row.error();
  return store::quota_of(*row);
}

Result<QuotaStatus> Account::quota_status() const {
  return impl_->read([](sqlite::Connection& db) -> Result<QuotaStatus> {
    auto row = sqlite::load_account(db);
    if (!row) return row.error();
    auto mailboxes = sqlite::count_mailboxes(db);
    if (!mailboxes) return mailboxes.error();
    return QuotaStatus{store::quota_of(*row), {row->bytes, row->messages}, *mailboxes};
  });
}

Result<void> Account::set_quota(Quota quota) const {
  if (auto checked = store::check_limits(quota); !checked) return checked;
  return impl_->change([&](store::Change& change) -> Result<void> {
    change.set_quota(quota);
    return {};
  });
}

Result<Spool> Account::spool(std::uint64_t expected_size) const {
  if (expected_size > impl_->store->options.max_message_size) {
    return Error{Errc::limit, "the message is larger than permitted"};
  }
  if (auto fits = check_quota({expected_size, 1}, {}, expected_size); !fits) return fits.error();
  return unchecked_spool();
}

Spool Account::unchecked_spool() const { return Spool(std::make_unique<Spool::Impl>(impl_)); }

Result<void> Account::check_quota(const Usage& added, const Usage& removed, std::uint64_t largest) const {
  auto row = impl_->row();
  if (!row) return row.error();
  if (auto small = store::check_size(*row, largest); !small) return small;
  if (auto fits = store::check_quota(*row, added, removed); !fits) return fits;
  return impl_->store->usage->check(impl_->id, {added.bytes - std::min(added.bytes, removed.bytes),
                                                added.messages - std::min(added.messages, removed.messages)});
}

Result<Appended> Account::deliver(Spool message, const DeliveryOptions& options) const {
  auto target = mailbox(options.mailbox);
  if (!target && target.error().code == Errc::not_found) {
    target = create_mailbox(options.mailbox);
    // Another delivery may have been faster.
    if (!target && target.error().code == Errc::already_exists) target = mailbox(options.mailbox);
  }
  if (!target) return target.error();
  return target->append(NewMessage{std::move(message), options.flags, options.keywords, options.internal_date, {}});
}

Result<Appended> Account::deliver(std::string_view octets, const DeliveryOptions& options) const {
  auto message = spool(octets.size());
  if (!message) return message.error();
  if (auto written = message->write(octets); !written) return written.error();
  return deliver(std::move(*message), options);
}

Result<IndexProgress> Account::update_search_index(IndexBudget budget) const {
  auto account = impl_->store->open_account(impl_->id);
  if (!account) return impl_->failure(nullptr, account.error());
  store::OpenAccount& open = **account;
  return open.search_index.update(*open.database, open.location.large, budget);
}

Subscription Account::watch(Doorbell bell) const { return store::watch(impl_, std::nullopt, std::move(bell)); }

}  // namespace postfach
