// What all accounts use, and the limits that several of them share: quota.db.
//
// Invariants:
// - The mail.db of an account has the last word on what it uses. What the book says is never less, from the moment before
//   a change that grows is committed: so the limit of a group is never passed. It may be more for a moment, and after a
//   crash until it is looked at again.
// - A write carries the MODSEQ of its change: one that comes late never undoes a later one.
// - For an account without a group nothing is written within a change: what it uses is gathered and entered with that of
//   others, soon afterwards.
// - No transaction of quota.db waits for one of a mail.db; the other way round is the rule.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/files.h"
#include "open_account.h"
#include "postfach/quota.h"
#include "postfach/result.h"
#include "sqlite/account_row.h"
#include "sqlite/data_version.h"
#include "sqlite/database.h"
#include "sqlite/quota_tables.h"

namespace postfach::store {

// Of one account.
struct Entry {
  AccountId id{};
  std::string name;  // for its domain
  Usage usage;
  ModSeq modseq = 0;
  std::optional<std::uint64_t> quota_bytes;
  std::optional<std::uint64_t> quota_messages;

  // But for the MODSEQ.
  bool is_same_as(const Entry& other) const noexcept {
    return usage == other.usage && quota_bytes == other.quota_bytes && quota_messages == other.quota_messages;
  }
  static Entry of(AccountId id, std::string_view name, const sqlite::AccountRow& row);
};

class UsageBook {
 public:
  using Locate = std::function<AccountLocation(AccountId)>;
  using Report = std::function<void(std::string_view event, std::string_view detail)>;

  // root: of the store.
  static Result<std::unique_ptr<UsageBook>> open(const std::string& root, const sqlite::ConnectionOptions& options,
                                                 Locate locate, Report report);
  ~UsageBook();
  UsageBook(const UsageBook&) = delete;
  UsageBook& operator=(const UsageBook&) = delete;

  // What is to be done once a change is committed.
  enum class Then : std::uint8_t {
    nothing,
    settle,   // at once: others wait for what became free
    put_off,  // some time: the account is in no group
  };
  // Enters what a change adds, within its transaction (is_exempt: whatever the limits say); if that is not committed,
  // call doubt(). Errors: over_quota (of a group), unavailable.
  Result<Then> charge(const Entry& before, const Entry& after, bool is_exempt);
  // Enters what is committed.
  void settle(const Entry& entry, Then how);
  // Of this account it is not known what it uses.
  void doubt(AccountId id, std::string_view name);

  // Whether the groups of the account have room for so much more. Errors: over_quota.
  Result<void> check(AccountId id, const Usage& added) const;

  // An account that was made or removed. Whatever fails here is put right later.
  void enroll(AccountId id, std::string_view name, const Quota& quota);
  void remove(AccountId id);

  // Brings everything that was put off into the file. True if something is left.
  bool upkeep(std::chrono::steady_clock::time_point end);
  // Looks what an account uses, and enters it. Waits for a change of the account that is under way.
  Result<void> look_again(AccountId id, std::string_view name);
  // The groups of the account, and those above them, whose sums are not what is entered of their accounts.
  Result<std::vector<sqlite::WrongGroup>> wrong_groups(AccountId id) const;
  // Puts the sums of all groups right. Returns how many were wrong.
  Result<std::uint64_t> recount_groups() const;
  // The name of the group that was chosen for an account; empty: none was.
  Result<std::string> chosen_group(AccountId id) const;
  // What is entered of an account, with what was put off; nothing: it is not in the book.
  Result<std::optional<Usage>> entered(AccountId id);

  Result<std::vector<sqlite::UsageRow>> usage();  // by account
  Result<std::vector<sqlite::GroupRow>> groups() const;
  Result<sqlite::GroupRow> group(std::string_view name) const;

  struct Limits {
    std::optional<std::string> parent;  // its name; empty: none
    std::optional<Quota> quota;
  };
  // Makes or changes a group; what is not given stays. accounts: all there are, asked for after a group was made.
  // Errors: not_found (the parent), not_permitted (the parent is the group, or below it).
  Result<void> set_group(std::string_view name, const Limits& limits,
                         const std::function<Result<std::vector<std::pair<AccountId, std::string>>>()>& accounts);
  Result<void> remove_group(std::string_view name);
  // group: nothing for that of its domain.
  Result<void> assign(AccountId id, std::string_view name, std::optional<std::string_view> group);

 private:
  UsageBook(std::string path, const sqlite::ConnectionOptions& options, Locate locate, Report report)
      : path_(std::move(path)), options_(options), locate_(std::move(locate)), report_(std::move(report)) {}
  Result<void> begin(const std::string& root);
  void end() noexcept;
  // A transaction that survives power loss.
  Result<void> write_durably(const sqlite::Database::Job& job) const;
  Result<sqlite::UsageRow> row_of(sqlite::Connection& db, const Entry& entry) const;
  Result<std::optional<sqlite::UsageRow>> find(AccountId id) const;
  Result<void> enter(sqlite::Connection& db, const Entry& entry) const;
  // Without waiting. What may belong to a change that is under way stays as it is.
  Result<void> look(AccountId id, std::string_view name);
  Result<void> look_at_uncertain(std::optional<sqlite::GroupId> group,
                                 std::optional<std::chrono::steady_clock::time_point> end, bool& left);
  bool is_broken(const Error& error) const;
  bool flush();

  const std::string path_;
  const sqlite::ConnectionOptions options_;
  const Locate locate_;
  const Report report_;
  std::unique_ptr<sqlite::Database> database_;
  mutable sqlite::KnownMap<AccountId, std::optional<sqlite::UsageRow>> known_{1000};
  base::File lock_;
  std::int64_t epoch_ = 1;
  std::atomic<bool> all_certain_{false};
  mutable std::atomic<bool> damage_reported_{false};

  std::mutex mutex_;  // guards what follows
  std::unordered_map<AccountId, Entry> put_off_;
  std::unordered_map<AccountId, std::string> doubted_;
};

}  // namespace postfach::store
