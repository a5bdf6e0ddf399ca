#include "account_cache.h"

#include <iterator>
#include <utility>

namespace postfach::store {

Result<std::shared_ptr<OpenAccount>> AccountCache::acquire(AccountId id) {
  if (auto account = find(id)) {
    if (account->is_current()) return account;
    drop(id);
  }
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(mutex_);
    auto& place = slots_[id];
    if (place == nullptr) place = std::make_shared<Slot>();
    slot = place;
  }
  // One thread opens, the others wait for it; other accounts go on.
  const std::lock_guard opening(slot->opening);
  if (auto account = find(id)) return account;
  auto opened = open_(id, !slot->was_open);
  std::vector<std::shared_ptr<OpenAccount>> surplus;  // closed after the lock is given back
  const std::lock_guard lock(mutex_);
  if (!opened) {
    if (!slot->was_open && slot.use_count() == 2) slots_.erase(id);
    return opened;
  }
  slot->account = *opened;
  slot->was_open = true;
  recent_.push_front(id);
  slot->place = recent_.begin();
  surplus = take_surplus();
  return opened;
}

std::shared_ptr<OpenAccount> AccountCache::find(AccountId id) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end() || found->second->account == nullptr) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second->place);
  return found->second->account;
}

std::shared_ptr<OpenAccount> AccountCache::take(Slot& slot) {
  if (slot.account != nullptr) recent_.erase(slot.place);
  return std::exchange(slot.account, nullptr);
}

std::vector<std::shared_ptr<OpenAccount>> AccountCache::take_surplus() {
  std::vector<std::shared_ptr<OpenAccount>> surplus;
  auto place = recent_.end();
  while (recent_.size() > most_ && place != recent_.begin()) {
    Slot& slot = *slots_[*--place];
    if (slot.account.use_count() > 1) continue;
    const auto next = std::next(place);
    surplus.push_back(take(slot));
    place = next;
  }
  return surplus;
}

void AccountCache::drop(AccountId id) {
  std::shared_ptr<OpenAccount> account;  // closed after the lock is given back
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  if (found != slots_.end()) account = take(*found->second);
}

void AccountCache::clear() {
  const std::lock_guard lock(mutex_);
  slots_.clear();
  recent_.clear();
}

std::size_t AccountCache::size() const {
  const std::lock_guard lock(mutex_);
  return recent_.size();
}

}  // namespace postfach::store
