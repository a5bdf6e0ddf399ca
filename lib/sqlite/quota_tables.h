// The tables of quota.db: groups of accounts with limits of their own, and what each account uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "postfach/quota.h"
#include "postfach/types.h"

namespace postfach::sqlite {

enum class GroupId : std::int64_t {};

struct GroupRow {
  GroupId id{};
  std::string name;
  std::optional<GroupId> parent;
  Usage usage;
  std::optional<std::uint64_t> quota_bytes;
  std::optional<std::uint64_t> quota_messages;
};

// Errors of both: not_found.
Result<GroupRow> find_group(Connection& db, std::string_view name);
Result<GroupRow> load_group(Connection& db, GroupId id);
Result<std::vector<GroupRow>> list_groups(Connection& db);  // by name
// Without usage.
Result<GroupId> insert_group(Connection& db, std::string_view name);
// Parent and limits; what it uses leaves the groups above it and comes to the new ones.
Result<void> save_group(Connection& db, const GroupRow& row);
// Its accounts and groups go to its parent.
Result<void> delete_group(Connection& db, GroupId id);
// Groups whose sums are not those of the usage of their accounts, with what they should be.
struct WrongGroup {
  GroupId id{};
  std::string name;
  Usage recorded;
  Usage usage;
};
Result<std::vector<WrongGroup>> wrong_groups(Connection& db);
// Puts them right. Returns how many.
Result<std::uint64_t> recount_groups(Connection& db);
// Whether it is `other` or below it.
Result<bool> is_within(Connection& db, GroupId id, GroupId other);

struct UsageRow {
  AccountId account{};
  std::optional<GroupId> group;
  bool is_assigned = false;
  Usage usage;
  ModSeq modseq = 0;
  std::int64_t epoch = 0;
  std::optional<std::uint64_t> quota_bytes;
  std::optional<std::uint64_t> quota_messages;
};
Result<std::optional<UsageRow>> find_usage(Connection& db, AccountId account);
// Writes all of it, the sums of the groups too.
Result<void> save_usage(Connection& db, const UsageRow& row);
Result<void> delete_usage(Connection& db, AccountId account);
Result<std::vector<UsageRow>> list_usage(Connection& db);  // by account
// Accounts from `from` on whose figures are of another epoch: those within the group, or all.
Result<std::vector<AccountId>> list_uncertain(Connection& db, std::optional<GroupId> group, AccountId from,
                                              std::int64_t epoch, std::size_t most);

// Whether a group or one above it has no room for so much more. Nothing: there is room.
Result<std::optional<GroupRow>> find_full_group(Connection& db, GroupId id, const Usage& added);

struct QuotaState {
  bool is_open = false;
  std::int64_t epoch = 1;
};
Result<QuotaState> load_quota_state(Connection& db);
Result<void> save_quota_state(Connection& db, const QuotaState& state);

}  // namespace postfach::sqlite
