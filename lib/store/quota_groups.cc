#include "postfach/quota_groups.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "names.h"
#include "sqlite/directory.h"
#include "store_impl.h"

namespace postfach {
namespace {

Result<std::vector<sqlite::DirectoryRow>> all_accounts(const Store::Impl& store) {
  return store.directory->read([](sqlite::Connection& db) { return sqlite::list_accounts(db); });
}

QuotaGroupInfo info_of(const sqlite::GroupRow& row, const std::string& parent) {
  return {row.name, parent, row.usage, {.bytes = row.quota_bytes, .messages = row.quota_messages}};
}

// Null: it has none.
const sqlite::UsageRow* find_row(const std::vector<sqlite::UsageRow>& rows, AccountId id) {
  const auto row = std::lower_bound(rows.begin(), rows.end(), id,
                                    [](const sqlite::UsageRow& left, AccountId right) { return left.account < right; });
  return row == rows.end() || row->account != id ? nullptr : &*row;
}

}  // namespace

Result<void> QuotaGroups::set(std::string_view name, const QuotaGroupSettings& settings) const {
  if (auto checked = store::check_identity(name); !checked) return checked;
  if (settings.quota) {
    if (auto checked = store::check_limits(*settings.quota); !checked) return checked;
  }
  const Store::Impl& store = *store_.impl();
  const auto accounts = [&store]() -> Result<std::vector<std::pair<AccountId, std::string>>> {
    auto rows = all_accounts(store);
    if (!rows) return rows.error();
    std::vector<std::pair<AccountId, std::string>> list;
    for (sqlite::DirectoryRow& row : *rows) list.emplace_back(row.id, std::move(row.name));
    return list;
  };
  return store.usage->set_group(name, {.parent = settings.parent, .quota = settings.quota}, accounts);
}

Result<void> QuotaGroups::remove(std::string_view name) const { return store_.impl()->usage->remove_group(name); }

Result<std::vector<QuotaGroupInfo>> QuotaGroups::list() const {
  auto rows = store_.impl()->usage->groups();
  if (!rows) return rows.error();
  std::unordered_map<sqlite::GroupId, std::string> names;
  for (const sqlite::GroupRow& row : *rows) names.emplace(row.id, row.name);
  std::vector<QuotaGroupInfo> list;
  list.reserve(rows->size());
  for (const sqlite::GroupRow& row : *rows)
    list.push_back(info_of(row, row.parent ? names[*row.parent] : std::string()));
  return list;
}

Result<QuotaGroupInfo> QuotaGroups::find(std::string_view name) const {
  const store::UsageBook& book = *store_.impl()->usage;
  auto row = book.group(name);
  if (!row) return row.error();
  auto groups = book.groups();
  if (!groups) return groups.error();
  std::string parent;
  for (sqlite::GroupRow& group : *groups) {
    if (row->parent == group.id) parent = std::move(group.name);
  }
  return info_of(*row, parent);
}

Result<void> QuotaGroups::assign(std::string_view account, std::optional<std::string_view> group) const {
  auto found = store_.account(account);
  if (!found) return found.error();
  return store_.impl()->usage->assign(found->id(), found->name(), group);
}

Result<std::vector<AccountUsage>> QuotaGroups::usage() const {
  const Store::Impl& store = *store_.impl();
  auto accounts = all_accounts(store);
  if (!accounts) return accounts.error();
  auto rows = store.usage->usage();
  if (!rows) return rows.error();
  if (std::any_of(accounts->begin(), accounts->end(),
                  [&](const auto& account) { return !find_row(*rows, account.id); })) {
    // Of a store that is older than quota.db.
    for (const sqlite::DirectoryRow& account : *accounts) {
      if (!find_row(*rows, account.id)) (void)store.usage->look_again(account.id, account.name);
    }
    rows = store.usage->usage();
    if (!rows) return rows.error();
  }
  auto groups = store.usage->groups();
  if (!groups) return groups.error();
  std::unordered_map<sqlite::GroupId, std::string> names;
  for (sqlite::GroupRow& group : *groups) names.emplace(group.id, std::move(group.name));
  std::vector<AccountUsage> list;
  list.reserve(accounts->size());
  for (sqlite::DirectoryRow& account : *accounts) {
    AccountUsage& usage = list.emplace_back();
    usage.id = account.id;
    usage.name = std::move(account.name);
    const sqlite::UsageRow* const row = find_row(*rows, account.id);
    if (row == nullptr) continue;
    if (row->group) usage.group = names[*row->group];
    usage.usage = row->usage;
    usage.quota = {.bytes = row->quota_bytes, .messages = row->quota_messages};
  }
  return list;
}

}  // namespace postfach
