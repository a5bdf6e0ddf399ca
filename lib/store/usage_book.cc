#include "usage_book.h"

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/ascii.h"

namespace postfach::store {
namespace {

using Clock = std::chrono::steady_clock;

// Entries that wait to be written together.
constexpr std::size_t kMostPutOff = 256;
constexpr std::size_t kLookedAtTogether = 50;

Usage growth(const Usage& before, const Usage& after) noexcept {
  return {after.bytes - std::min(before.bytes, after.bytes),
          after.messages - std::min(before.messages, after.messages)};
}

std::string_view domain_of(std::string_view name) noexcept {
  const auto at = name.rfind('@');
  return at == std::string_view::npos ? std::string_view() : name.substr(at + 1);
}

Result<std::optional<sqlite::GroupId>> domain_group(sqlite::Connection& db, std::string_view name) {
  const std::string_view domain = domain_of(name);
  if (domain.empty()) return std::optional<sqlite::GroupId>();
  auto group = sqlite::find_group(db, domain);
  if (group) return std::optional(group->id);
  if (group.error().code == Errc::not_found) return std::optional<sqlite::GroupId>();
  return group.error();
}

Error full(const sqlite::GroupRow& group) {
  return {Errc::over_quota, "the quota of the group " + group.name + " would be exceeded"};
}

}  // namespace

Entry Entry::of(AccountId id, std::string_view name, const sqlite::AccountRow& row) {
  return {id, std::string(name), {row.bytes, row.messages}, row.highest_modseq, row.quota_bytes, row.quota_messages};
}

// --- Opening and closing --------------------------------------------------------------------------------------------

Result<std::unique_ptr<UsageBook>> UsageBook::open(const std::string& root, const sqlite::ConnectionOptions& options,
                                                   Locate locate, Report report) {
  sqlite::ConnectionOptions own = options;
  own.create = true;
  std::unique_ptr<UsageBook> book(
      new UsageBook(base::join_path(root, "quota.db"), own, std::move(locate), std::move(report)));
  if (auto begun = book->begin(root); !begun) return begun.error();
  return book;
}

// Every process that has the store open holds the lock, shared. Who gets it alone is the first; if the file says that it
// is open all the same, somebody died, and what the book says is no longer certain.
Result<void> UsageBook::begin(const std::string& root) {
  sqlite::ConnectionOptions lax = options_;
  lax.replaceable = true;
  auto database = sqlite::Database::open(path_, sqlite::kQuotaSchema, lax);
  if (!database) return database.error();
  database_ = *std::move(database);
  auto lock = base::File::open_or_create(base::join_path(root, "quota.lock"));
  if (!lock) return lock.error();
  lock_ = *std::move(lock);
  const bool is_first = ::flock(lock_.fd(), LOCK_EX | LOCK_NB) == 0;
  auto state = database_->read([](sqlite::Connection& db) { return sqlite::load_quota_state(db); });
  if (!state) return state.error();
  if (is_first) {
    if (state->is_open) ++state->epoch;
    state->is_open = true;
    auto done = write_durably([&](sqlite::Connection& db) { return sqlite::save_quota_state(db, *state); });
    if (!done) return done;
  }
  if (::flock(lock_.fd(), LOCK_SH) != 0) return base::system_error(errno, "lock of " + path_);
  epoch_ = state->epoch;
  return {};
}

UsageBook::~UsageBook() { end(); }

void UsageBook::end() noexcept {
  if (database_ == nullptr || !lock_.is_open()) return;
  try {
    const bool is_complete = flush() && doubted_.empty();
    if (!is_complete || ::flock(lock_.fd(), LOCK_EX | LOCK_NB) != 0) return;
    (void)write_durably([&](sqlite::Connection& db) { return sqlite::save_quota_state(db, {false, epoch_}); });
  } catch (...) {  // it counts as a crash then
  }
}

Result<void> UsageBook::write_durably(const sqlite::Database::Job& job) const {
  auto connection = sqlite::Connection::open(path_, options_);
  if (!connection) return connection.error();
  if (auto begun = (*connection)->run("BEGIN IMMEDIATE"); !begun) return begun;
  auto done = job(**connection);
  if (done) done = (*connection)->run("COMMIT");
  if (!done && (*connection)->in_transaction()) (void)(*connection)->run("ROLLBACK");
  return done;
}

// --- Entries --------------------------------------------------------------------------------------------------------

// The account's row, or the one that it gets.
Result<sqlite::UsageRow> UsageBook::row_of(sqlite::Connection& db, const Entry& entry) const {
  auto found = sqlite::find_usage(db, entry.id);
  if (!found) return found.error();
  if (found->has_value()) return **std::move(found);
  auto group = domain_group(db, entry.name);
  if (!group) return group.error();
  sqlite::UsageRow row;
  row.account = entry.id;
  row.group = *group;
  row.usage = entry.usage;
  row.modseq = entry.modseq;
  row.epoch = epoch_;
  row.quota_bytes = entry.quota_bytes;
  row.quota_messages = entry.quota_messages;
  return row;
}

Result<void> UsageBook::enter(sqlite::Connection& db, const Entry& entry) const {
  auto row = row_of(db, entry);
  if (!row) return row.error();
  if (row->modseq > entry.modseq) return {};
  row->usage = entry.usage;
  row->modseq = entry.modseq;
  row->epoch = epoch_;
  row->quota_bytes = entry.quota_bytes;
  row->quota_messages = entry.quota_messages;
  return sqlite::save_usage(db, *row);
}

Result<std::optional<sqlite::UsageRow>> UsageBook::find(AccountId id) const {
  return database_->read_known(known_.at(id), [&](sqlite::Connection& db) { return sqlite::find_usage(db, id); });
}

// A damaged book keeps no mail out: it is for its operator to mend.
bool UsageBook::is_broken(const Error& error) const {
  if (error.code != Errc::corrupt) return false;
  if (!damage_reported_.exchange(true)) report_("quota_corrupt", error.message);
  return true;
}

Result<UsageBook::Then> UsageBook::charge(const Entry& before, const Entry& after, bool is_exempt) {
  auto known = find(after.id);
  if (!known) return is_broken(known.error()) ? Result<Then>(Then::put_off) : known.error();
  // Most accounts are in no group.
  if (known->has_value() && !(*known)->group) return Then::put_off;
  const Usage added = growth(before.usage, after.usage);
  if (added.bytes == 0 && added.messages == 0) return Then::settle;
  if (known->has_value() && !all_certain_) {
    bool left = false;
    if (auto looked = look_at_uncertain((*known)->group, std::nullopt, left); !looked) return looked.error();
  }
  bool is_exact = false;
  auto done = database_->write([&](sqlite::Connection& db) -> Result<void> {
    auto row = row_of(db, before);
    if (!row) return row.error();
    if (row->group && !is_exempt) {
      auto lacking = sqlite::find_full_group(db, *row->group, added);
      if (!lacking) return lacking.error();
      if (lacking->has_value()) return full(**lacking);
    }
    row->usage = {row->usage.bytes + added.bytes, row->usage.messages + added.messages};
    row->modseq = after.modseq;
    is_exact = row->usage == after.usage;
    return sqlite::save_usage(db, *row);
  });
  if (!done) return is_broken(done.error()) ? Result<Then>(Then::put_off) : done.error();
  return is_exact ? Then::nothing : Then::settle;
}

void UsageBook::settle(const Entry& entry, Then how) {
  if (how == Then::nothing) return;
  if (how == Then::settle && database_->write([&](sqlite::Connection& db) { return enter(db, entry); })) return;
  bool is_much = false;
  {
    const std::lock_guard lock(mutex_);
    Entry& waiting = put_off_[entry.id];
    if (waiting.modseq <= entry.modseq) waiting = entry;
    is_much = put_off_.size() >= kMostPutOff;
  }
  if (is_much) (void)flush();
}

void UsageBook::doubt(AccountId id, std::string_view name) {
  const std::lock_guard lock(mutex_);
  doubted_.try_emplace(id, name);
}

Result<void> UsageBook::check(AccountId id, const Usage& added) const {
  const auto known = find(id);
  if (!known) return is_broken(known.error()) ? Result<void>() : known.error();
  // Most accounts are in no group.
  if (!known->has_value() || !(*known)->group) return {};
  auto done = database_->read([&](sqlite::Connection& db) -> Result<void> {
    auto row = sqlite::find_usage(db, id);
    if (!row) return row.error();
    if (!row->has_value() || !(*row)->group) return {};
    auto lacking = sqlite::find_full_group(db, *(*row)->group, added);
    if (!lacking) return lacking.error();
    if (lacking->has_value()) return full(**lacking);
    return {};
  });
  if (!done && is_broken(done.error())) return {};
  return done;
}

void UsageBook::enroll(AccountId id, std::string_view name, const Quota& quota) {
  const Entry entry{.id = id,
                    .name = std::string(name),
                    .usage = {},
                    .modseq = 0,
                    .quota_bytes = quota.bytes,
                    .quota_messages = quota.messages};
  auto done = database_->write([&](sqlite::Connection& db) -> Result<void> {
    auto row = row_of(db, entry);
    if (!row) return row.error();
    return sqlite::save_usage(db, *row);
  });
  if (!done && !is_broken(done.error())) report_("quota_failed", done.error().message);
}

void UsageBook::remove(AccountId id) {
  {
    const std::lock_guard lock(mutex_);
    put_off_.erase(id);
    doubted_.erase(id);
  }
  auto done = database_->write([&](sqlite::Connection& db) { return sqlite::delete_usage(db, id); });
  if (!done && !is_broken(done.error())) report_("quota_failed", done.error().message);
}

// --- What was put off -----------------------------------------------------------------------------------------------

// False if something is left.
bool UsageBook::flush() {
  std::unordered_map<AccountId, Entry> entries;
  {
    const std::lock_guard lock(mutex_);
    entries.swap(put_off_);
  }
  if (entries.empty()) return true;
  auto done = database_->write([&](sqlite::Connection& db) -> Result<void> {
    for (const auto& [id, entry] : entries) {
      if (auto entered = enter(db, entry); !entered) return entered;
    }
    return {};
  });
  if (done) return true;
  if (!is_broken(done.error())) report_("quota_failed", done.error().message);
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : entries) {
    Entry& waiting = put_off_[id];
    if (waiting.modseq <= entry.modseq) waiting = std::move(entry);
  }
  return false;
}

Result<void> UsageBook::look(AccountId id, std::string_view name) {
  sqlite::ConnectionOptions options = options_;
  options.create = false;
  options.read_only = true;
  options.mmap_size = 0;
  auto connection = sqlite::Connection::open(locate_(id).database, options);
  if (!connection && connection.error().code == Errc::not_found) {
    return database_->write([&](sqlite::Connection& db) { return sqlite::delete_usage(db, id); });
  }
  if (!connection) return connection.error();
  auto row = sqlite::load_account(**connection);
  if (!row) return row.error();
  return database_->write([&](sqlite::Connection& db) { return enter(db, Entry::of(id, name, *row)); });
}

// With the account's write lock in hand no change is under way: what was charged and never committed is over.
Result<void> UsageBook::look_again(AccountId id, std::string_view name) {
  sqlite::ConnectionOptions options = options_;
  options.create = false;
  options.mmap_size = 0;
  auto connection = sqlite::Connection::open(locate_(id).database, options);
  if (!connection && connection.error().code == Errc::not_found) {
    return database_->write([&](sqlite::Connection& db) { return sqlite::delete_usage(db, id); });
  }
  if (!connection) return connection.error();
  if (auto begun = (*connection)->run("BEGIN IMMEDIATE"); !begun) return begun;
  auto account = sqlite::load_account(**connection);
  auto done = account ? Result<void>() : Result<void>(account.error());
  if (done) {
    done = database_->write([&](sqlite::Connection& db) -> Result<void> {
      Entry entry = Entry::of(id, name, *account);
      auto row = row_of(db, entry);
      if (!row) return row.error();
      row->modseq = std::min(row->modseq, entry.modseq);
      if (auto saved = sqlite::save_usage(db, *row); !saved) return saved;
      return enter(db, entry);
    });
  }
  (void)(*connection)->run("ROLLBACK");
  return done;
}

Result<std::vector<sqlite::WrongGroup>> UsageBook::wrong_groups(AccountId id) const {
  return database_->read([&](sqlite::Connection& db) -> Result<std::vector<sqlite::WrongGroup>> {
    auto row = sqlite::find_usage(db, id);
    if (!row) return row.error();
    std::vector<sqlite::WrongGroup> own;
    if (!row->has_value() || !(*row)->group) return own;
    auto wrong = sqlite::wrong_groups(db);
    if (!wrong) return wrong.error();
    for (sqlite::WrongGroup& group : *wrong) {
      auto is_above = sqlite::is_within(db, *(*row)->group, group.id);
      if (!is_above) return is_above.error();
      if (*is_above) own.push_back(std::move(group));
    }
    return own;
  });
}

Result<std::uint64_t> UsageBook::recount_groups() const {
  std::uint64_t count = 0;
  auto done = write_durably([&](sqlite::Connection& db) -> Result<void> {
    auto recounted = sqlite::recount_groups(db);
    if (!recounted) return recounted.error();
    count = *recounted;
    return {};
  });
  if (!done) return done.error();
  return count;
}

Result<std::string> UsageBook::chosen_group(AccountId id) const {
  return database_->read([&](sqlite::Connection& db) -> Result<std::string> {
    auto row = sqlite::find_usage(db, id);
    if (!row) return row.error();
    if (!row->has_value() || !(*row)->is_assigned || !(*row)->group) return std::string();
    auto group = sqlite::load_group(db, *(*row)->group);
    if (!group) return group.error();
    return group->name;
  });
}

Result<std::optional<Usage>> UsageBook::entered(AccountId id) {
  (void)flush();
  auto row = database_->read([&](sqlite::Connection& db) { return sqlite::find_usage(db, id); });
  if (!row) return row.error();
  return row->has_value() ? std::optional((*row)->usage) : std::nullopt;
}

Result<void> UsageBook::look_at_uncertain(std::optional<sqlite::GroupId> group, std::optional<Clock::time_point> end,
                                          bool& left) {
  left = true;
  AccountId from{};
  for (;;) {
    auto uncertain = database_->read(
        [&](sqlite::Connection& db) { return sqlite::list_uncertain(db, group, from, epoch_, kLookedAtTogether); });
    if (!uncertain) return uncertain.error();
    for (const AccountId id : *uncertain) {
      // One that can't be read keeps what is known of it.
      auto looked = end ? look_again(id, {}) : look(id, {});
      if (!looked) report_("quota_failed", looked.error().message);
      from = static_cast<AccountId>(static_cast<std::int64_t>(id) + 1);
      if (end && Clock::now() >= *end) return {};
    }
    if (uncertain->size() < kLookedAtTogether) break;
  }
  left = false;
  return {};
}

bool UsageBook::upkeep(Clock::time_point end) {
  bool left = !flush();
  std::unordered_map<AccountId, std::string> doubted;
  {
    const std::lock_guard lock(mutex_);
    doubted.swap(doubted_);
  }
  for (const auto& [id, name] : doubted) {
    if (look_again(id, name)) continue;
    doubt(id, name);
    left = true;
  }
  if (all_certain_) return left;
  bool uncertain = false;
  if (!look_at_uncertain(std::nullopt, end, uncertain)) return true;
  all_certain_ = !uncertain;
  return left || uncertain;
}

// --- Groups ---------------------------------------------------------------------------------------------------------

Result<std::vector<sqlite::UsageRow>> UsageBook::usage() {
  (void)flush();
  return database_->read([](sqlite::Connection& db) { return sqlite::list_usage(db); });
}

Result<std::vector<sqlite::GroupRow>> UsageBook::groups() const {
  return database_->read([](sqlite::Connection& db) { return sqlite::list_groups(db); });
}

Result<sqlite::GroupRow> UsageBook::group(std::string_view name) const {
  return database_->read([&](sqlite::Connection& db) { return sqlite::find_group(db, name); });
}

Result<void> UsageBook::set_group(
    std::string_view name, const Limits& limits,
    const std::function<Result<std::vector<std::pair<AccountId, std::string>>>()>& accounts) {
  bool is_new = false;
  auto done = write_durably([&](sqlite::Connection& db) -> Result<void> {
    auto group = sqlite::find_group(db, name);
    is_new = !group && group.error().code == Errc::not_found;
    if (is_new) {
      auto id = sqlite::insert_group(db, name);
      if (!id) return id.error();
      group = sqlite::load_group(db, *id);
    }
    if (!group) return group.error();
    if (limits.quota) {
      group->quota_bytes = limits.quota->bytes;
      group->quota_messages = limits.quota->messages;
    }
    if (limits.parent) {
      group->parent.reset();
      if (!limits.parent->empty()) {
        auto parent = sqlite::find_group(db, *limits.parent);
        if (!parent) return parent.error();
        auto is_circle = sqlite::is_within(db, parent->id, group->id);
        if (!is_circle) return is_circle.error();
        if (*is_circle) return Error{Errc::not_permitted, "a quota group can't be above itself"};
        group->parent = parent->id;
      }
    }
    return sqlite::save_group(db, *group);
  });
  if (!done || !is_new) return done;
  // Whoever was enrolled before is in the list, whoever comes later finds the group.
  auto all = accounts();
  if (!all) return all.error();
  for (const auto& [id, account_name] : *all) {
    if (!base::equals_ignoring_case(domain_of(account_name), name)) continue;
    if (auto assigned = assign(id, account_name, std::nullopt); !assigned) return assigned;
  }
  return {};
}

Result<void> UsageBook::remove_group(std::string_view name) {
  return write_durably([&](sqlite::Connection& db) -> Result<void> {
    auto group = sqlite::find_group(db, name);
    if (!group) return group.error();
    return sqlite::delete_group(db, group->id);
  });
}

Result<void> UsageBook::assign(AccountId id, std::string_view name, std::optional<std::string_view> group) {
  // What any process has put off counts from now on.
  if (auto looked = look_again(id, name); !looked) return looked;
  return write_durably([&](sqlite::Connection& db) -> Result<void> {
    auto row = sqlite::find_usage(db, id);
    if (!row) return row.error();
    if (!row->has_value()) return Error{Errc::not_found, "the account was removed"};
    if (group) {
      auto found = sqlite::find_group(db, *group);
      if (!found) return found.error();
      (*row)->group = found->id;
    } else if ((*row)->is_assigned || !(*row)->group) {
      auto domain = domain_group(db, name);
      if (!domain) return domain.error();
      (*row)->group = *domain;
    }
    (*row)->is_assigned = group.has_value();
    return sqlite::save_usage(db, **row);
  });
}

}  // namespace postfach::store
