// The accounts whose databases are open: least recently used first out. One that is in use stays.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "open_account.h"

namespace postfach::store {

class AccountCache {
 public:
  // Opens an account; is_first: for the first time in the life of this cache.
  using Opener = std::function<Result<std::shared_ptr<OpenAccount>>(AccountId, bool is_first)>;
  AccountCache(std::size_t most, Opener opener) : most_(most), open_(std::move(opener)) {}

  // In use as long as the pointer is held.
  Result<std::shared_ptr<OpenAccount>> acquire(AccountId id);
  // The account if it is open.
  std::shared_ptr<OpenAccount> find(AccountId id);
  void drop(AccountId id);
  void clear();
  std::size_t size() const;

 private:
  struct Slot {
    std::mutex opening;  // never taken while mutex_ is held
    std::shared_ptr<OpenAccount> account;
    std::list<AccountId>::iterator place;
    bool was_open = false;
  };
  std::vector<std::shared_ptr<OpenAccount>> take_surplus();
  std::shared_ptr<OpenAccount> take(Slot& slot);

  const std::size_t most_;
  const Opener open_;
  mutable std::mutex mutex_;  // guards all below, and Slot but its own mutex
  std::unordered_map<AccountId, std::shared_ptr<Slot>> slots_;
  std::list<AccountId> recent_;  // open ones; the last used is first
};

}  // namespace postfach::store
