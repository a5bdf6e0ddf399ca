// The mailboxes of an account: look up and list.
#include <algorithm>

#include "names.h"
#include "postfach/account.h"
#include "store_impl.h"

namespace postfach {
namespace {

MailboxInfo info_of(sqlite::MailboxRow row, std::uint64_t append_limit) {
  MailboxInfo info;
  info.id = row.id;
  info.name = std::move(row.name);
  info.special_use = row.special_use;
  info.selectable = row.selectable;
  info.may_have_children = store::may_have_children(info.name);
  info.status = store::status_of(row, append_limit);
  return info;
}

// Marks the parents, of a list in octet order. Every mailbox has one, or is on the first level.
void mark_parents(std::vector<MailboxInfo>& list) {
  std::string_view last;  // brothers and sisters mostly stand together
  for (const MailboxInfo& info : list) {
    const std::string_view parent = store::parent_of(info.name);
    if (parent.empty() || parent == last) continue;
    last = parent;
    const auto at = std::lower_bound(list.begin(), list.end(), parent,
                                     [](const MailboxInfo& each, std::string_view name) { return each.name < name; });
    if (at != list.end() && at->name == parent) at->has_children = true;
  }
}

// Both in octet order, and so the result.
std::vector<MailboxInfo> merge(std::vector<MailboxInfo> list, std::vector<std::string> subscribed, MailboxNames names) {
  const std::size_t existing = list.size();
  std::size_t at = 0;
  for (std::string& name : subscribed) {
    while (at < existing && list[at].name < name) ++at;
    if (at < existing && list[at].name == name) {
      list[at].subscribed = true;
    } else if (names == MailboxNames::and_subscribed) {
      MailboxInfo& info = list.emplace_back();
      info.name = std::move(name);
      info.exists = false;
      info.selectable = false;
      info.subscribed = true;
      info.may_have_children = store::may_have_children(info.name);
    }
  }
  const auto middle = list.begin() + static_cast<std::ptrdiff_t>(existing);
  std::inplace_merge(list.begin(), middle, list.end(),
                     [](const MailboxInfo& a, const MailboxInfo& b) { return a.name < b.name; });
  return list;
}

}  // namespace

Result<MailboxId> Account::Impl::find_mailbox(const std::string& mailbox) const {
  struct Place {
    const sqlite::Known<store::MailboxState>& known;
    const std::string& name;

    std::optional<MailboxId> find(const sqlite::DataVersion& version) const {
      const auto state = known.find(version);
      if (!state || state->row.name != name || !state->row.selectable) return std::nullopt;
      return state->row.id;
    }
    // A transaction that changes the mailbox keeps it.
    void keep(const sqlite::DataVersion& /*version*/, MailboxId /*id*/) const noexcept {}
  };
  auto account = store->open_account(id);
  if (!account) return failure(nullptr, account.error());
  const auto look = [&](sqlite::Connection& db) -> Result<MailboxId> {
    auto row = sqlite::find_mailbox(db, mailbox);
    if (!row) return row.error();
    if (!row->selectable) return Error{Errc::not_found, "the name has no mailbox"};
    return row->id;
  };
  auto found = (*account)->database->read_known(Place{(*account)->mailbox, mailbox}, look);
  if (!found) return failure(account->get(), found.error());
  return found;
}

Result<Mailbox> Account::mailbox(std::string_view name) const {
  auto canonical = store::canonical_name(name);
  if (!canonical) return Error{Errc::not_found, "no such mailbox: " + canonical.error().message};
  auto id = impl_->find_mailbox(*canonical);
  if (!id) return id.error();
  return Mailbox(std::make_shared<const Mailbox::Impl>(Mailbox::Impl{impl_, *id}));
}

Result<MailboxInfo> Account::mailbox_info(std::string_view name) const {
  auto canonical = store::canonical_name(name);
  if (!canonical) return Error{Errc::not_found, "no such mailbox: " + canonical.error().message};
  return impl_->read([&](sqlite::Connection& db) -> Result<MailboxInfo> {
    auto row = sqlite::find_mailbox(db, *canonical);
    if (!row) return row.error();
    auto subscribed = sqlite::is_subscribed(db, *canonical);
    if (!subscribed) return subscribed.error();
    auto has_children = sqlite::has_children(db, *canonical);
    if (!has_children) return has_children.error();
    auto most = store::append_limit(db, impl_->store->options);
    if (!most) return most.error();
    MailboxInfo info = info_of(*std::move(row), *most);
    info.subscribed = *subscribed;
    info.has_children = *has_children;
    return info;
  });
}

Result<std::vector<MailboxInfo>> Account::mailboxes(MailboxNames names, std::string_view prefix) const {
  return impl_->read([&](sqlite::Connection& db) -> Result<std::vector<MailboxInfo>> {
    auto most = store::append_limit(db, impl_->store->options);
    if (!most) return most.error();
    std::vector<MailboxInfo> list;
    sqlite::MailboxCursor rows(db, prefix);
    while (rows.next()) list.push_back(info_of(rows.take_row(), *most));
    if (!rows.ok()) return rows.error();
    auto subscribed = sqlite::list_subscriptions(db, prefix);
    if (!subscribed) return subscribed.error();
    // The children of a name begin as it does, so they are here too.
    mark_parents(list);
    list = merge(std::move(list), *std::move(subscribed), names);
    const auto inbox =
        std::find_if(list.begin(), list.end(), [](const MailboxInfo& info) { return info.name == store::kInbox; });
    if (inbox != list.end()) std::rotate(list.begin(), inbox, inbox + 1);
    return list;
  });
}

Result<std::vector<std::string>> Account::subscriptions() const {
  return impl_->read([](sqlite::Connection& db) { return sqlite::list_subscriptions(db); });
}

}  // namespace postfach
