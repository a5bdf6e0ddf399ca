// Which maildrops are read now, and when they were last, for one session at a time and the wait between two logins.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach::store {

// Thread safe. Remembers a login no longer than its delay.
class Maildrops {
 public:
  using Clock = std::chrono::steady_clock;

  // Errors: in_use, limit (too soon).
  Result<void> lease(AccountId account, std::chrono::seconds login_delay, Clock::time_point now);
  void release(AccountId account);

 private:
  struct Login {
    Clock::time_point at;
    Clock::time_point forget;
  };
  void forget_old(Clock::time_point now);

  std::mutex mutex_;
  std::unordered_set<AccountId> leased_;
  std::unordered_map<AccountId, Login> logins_;  // of accounts with a delay
  std::size_t forget_above_ = 1000;
};

}  // namespace postfach::store
