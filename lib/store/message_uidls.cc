// Account::set_uidls, and the UIDLs of messages that have none of their own.
#include <algorithm>

#include "base/random.h"
#include "names.h"
#include "postfach/account.h"
#include "sqlite/messages.h"
#include "sqlite/uidls.h"
#include "store_impl.h"

namespace postfach {

Result<void> Account::set_uidls(const std::vector<MessageUidl>& uidls) const {
  for (const MessageUidl& each : uidls) {
    if (!each.uidl.empty()) {
      if (auto checked = store::check_uidl(each.uidl); !checked) return checked;
    }
    const Impl& owner = *each.mailbox.account().impl_;
    if (owner.id != impl_->id || owner.store != impl_->store) {
      return Error{Errc::invalid_argument, "the mailbox belongs to another account"};
    }
  }
  return impl_->change([&](store::Change& change) -> Result<void> {
    std::vector<MessageId> ids;
    ids.reserve(uidls.size());
    // First all are taken away, so that messages can exchange them.
    for (const MessageUidl& each : uidls) {
      auto row = sqlite::find_message(change.db, each.mailbox.id(), each.uid);
      if (!row) return row.error();
      if (!row->has_value()) return Error{Errc::not_found, "there is no such message"};
      ids.push_back((*row)->id);
      if (auto done = sqlite::delete_uidl(change.db, ids.back()); !done) return done;
    }
    std::vector<MessageId> sorted = ids;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
      return Error{Errc::invalid_argument, "a message is named twice"};
    }
    auto own = sqlite::Uidls::load(change.db);
    if (!own) return own.error();
    for (std::size_t i = 0; i < uidls.size(); ++i) {
      if (uidls[i].uidl.empty()) continue;
      auto before = own->of(ids[i]);
      if (!before) return before.error();
      if (*before == uidls[i].uidl) continue;
      if (auto done = sqlite::insert_uidl(change.db, ids[i], uidls[i].uidl); !done) return done;
    }
    return {};
  });
}

namespace store {

Result<void> begin_epoch(sqlite::Connection& db, std::int64_t first_id) {
  constexpr std::size_t kPrefixDigits = 12;
  return sqlite::insert_epoch(db, first_id, base::random_hex(kPrefixDigits));
}

}  // namespace store
}  // namespace postfach
