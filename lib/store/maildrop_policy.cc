// What POP3 shows and does: the policies of the store and of accounts.
#include <algorithm>

#include "maildrop_work.h"
#include "names.h"
#include "postfach/store.h"
#include "sqlite/directory.h"
#include "sqlite/maildrop_tables.h"
#include "store_impl.h"

namespace postfach {
namespace {

constexpr std::uint32_t kMostDays = 36'500;
constexpr std::chrono::seconds kLongestDelay = std::chrono::hours(7 * 24);
// Each costs a session some queries.
constexpr std::size_t kMostMaildropMailboxes = 100;

Error out_of_range(const char* member) {
  return {Errc::invalid_argument, "MaildropPolicy::" + std::string(member) + " is out of range"};
}

Result<AccountId> find(sqlite::Connection& db, std::string_view name) {
  auto row = sqlite::find_account(db, name, sqlite::IdentityKind::any);
  if (!row) return row.error();
  return row->id;
}

}  // namespace

Result<void> store::check_policy(const MaildropPolicy& policy) {
  if (policy.on_delete > OnDelete::keep) return out_of_range("on_delete");
  if (policy.keep_days < 1 || policy.keep_days > kMostDays) return out_of_range("keep_days");
  if (policy.days > kMostDays) return out_of_range("days");
  if (policy.expire_days.value_or(0) > kMostDays) return out_of_range("expire_days");
  if (policy.login_delay.count() < 0 || policy.login_delay > kLongestDelay) return out_of_range("login_delay");
  if (policy.mailboxes.empty() || policy.mailboxes.size() > kMostMaildropMailboxes) return out_of_range("mailboxes");
  std::vector<std::string> names;
  for (const std::string& name : policy.mailboxes) {
    auto canonical = canonical_name(name);
    if (!canonical) return canonical.error();
    names.push_back(*std::move(canonical));
  }
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) {
    return Error{Errc::invalid_argument, "MaildropPolicy::mailboxes has a mailbox twice"};
  }
  return {};
}

Result<void> Store::set_maildrop_policy(std::string_view name, const std::optional<MaildropPolicy>& policy) const {
  if (policy) {
    if (auto checked = store::check_policy(*policy); !checked) return checked;
  }
  return impl_->directory->write([&](sqlite::Connection& db) -> Result<void> {
    auto id = find(db, name);
    if (!id) return id.error();
    return sqlite::save_policy(db, *id, policy);
  });
}

Result<std::optional<MaildropPolicy>> Store::maildrop_policy(std::string_view name) const {
  return impl_->directory->read([&](sqlite::Connection& db) -> Result<std::optional<MaildropPolicy>> {
    auto id = find(db, name);
    if (!id) return id.error();
    return sqlite::load_policy(db, *id);
  });
}

Result<MaildropBounds> Store::maildrop_bounds() const {
  return impl_->directory->read(
      [&](sqlite::Connection& db) { return sqlite::load_bounds(db, impl_->options.maildrop); });
}

Result<MaildropPolicy> Account::maildrop_policy() const {
  auto own = impl_->store->directory->read([&](sqlite::Connection& db) { return sqlite::load_policy(db, impl_->id); });
  if (!own) return own.error();
  if (own->has_value()) return **std::move(own);
  return impl_->store->options.maildrop;
}

}  // namespace postfach
