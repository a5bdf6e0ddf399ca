#include "shared_lists.h"

#include <algorithm>
#include <cstdint>

namespace postfach::store {

std::size_t SharedLists::Hash::operator()(const Key& key) const noexcept {
  const auto account = static_cast<std::uint64_t>(key.account);
  const auto mailbox = static_cast<std::uint64_t>(key.mailbox);
  return std::hash<std::uint64_t>()(account * 0x9E3779B97F4A7C15ULL + mailbox);
}

std::optional<ListedUids> SharedLists::find(AccountId account, MailboxId mailbox) const {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find({account, mailbox});
  if (slot == slots_.end()) return std::nullopt;
  std::optional<UidList> uids = slot->second.uids.lock();
  if (!uids) return std::nullopt;
  return ListedUids{slot->second.uid_validity, slot->second.modseq, *std::move(uids)};
}

UidList SharedLists::share(AccountId account, MailboxId mailbox, const ListedUids& mine) {
  const std::lock_guard lock(mutex_);
  if (slots_.size() >= sweep_at_) {
    std::erase_if(slots_, [](const auto& each) { return each.second.uids.expired(); });
    sweep_at_ = std::max<std::size_t>(64, 2 * slots_.size());
  }
  Slot& slot = slots_[{account, mailbox}];
  const std::optional<UidList> theirs = slot.uids.lock();
  // UIDVALIDITY only ascends; and of two states of one mailbox the one with the higher MODSEQ is the later.
  if (theirs && slot.uid_validity == mine.uid_validity && slot.modseq == mine.modseq) return *theirs;
  const bool is_later =
      slot.uid_validity != mine.uid_validity ? slot.uid_validity < mine.uid_validity : slot.modseq < mine.modseq;
  if (!theirs || is_later) slot = {mine.uid_validity, mine.modseq, UidList::Weak(mine.uids)};
  return mine.uids;
}

}  // namespace postfach::store
