// Passwords that were right a short while ago, so that a client which logs in every minute does not cost a yescrypt hash
// each time.
//
// Invariants:
// - Only right passwords are kept, as a MAC under a key of this process over the account, the password and the stored hash:
//   another account or a hash that was set anew never matches.
// - Whether the account is enabled is the caller's to look at, each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "postfach/types.h"
#include "recent_map.h"

namespace postfach::store {

// Thread safe.
class VerifiedPasswords {
 public:
  using Clock = std::chrono::steady_clock;

  // lifetime: from the full check on; 0 keeps nothing.
  explicit VerifiedPasswords(std::chrono::seconds lifetime);

  bool knows(AccountId account, std::string_view password, std::string_view stored_hash, Clock::time_point now);
  void add(AccountId account, std::string_view password, std::string_view stored_hash, Clock::time_point now);

 private:
  struct Entry {
    std::string mac;
    Clock::time_point end{};
  };
  std::string mac(AccountId account, std::string_view password, std::string_view stored_hash) const;

  const std::chrono::seconds lifetime_;
  const std::string secret_;
  std::mutex mutex_;
  RecentMap<AccountId, Entry> entries_;
};

}  // namespace postfach::store
