// How long a login has to wait before it is looked at: wrong passwords of an address and for a name, counted over all
// sessions (LoginOptions in postfach/auth.h says what counts).
//
// Invariants:
// - A login waits; it is never refused. Who logged in from an address before does not wait there.
// - Tables have a fixed size. An attacker can make them forget failures, by owning many addresses, but not who logged in
//   before: those entries are made by right passwords alone.
// - Names, addresses and passwords are kept as keyed hashes only.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "postfach/auth.h"
#include "recent_map.h"

namespace postfach::store {

using LoginClock = std::chrono::steady_clock;

// "192.0.2.7", "2001:db8::/64 of an address", or the text itself where it is no address.
std::string login_address_key(std::string_view remote);
bool is_loopback(std::string_view remote) noexcept;

// Thread safe.
class LoginFailures {
 public:
  explicit LoginFailures(const LoginOptions& options);

  // remote: the peer's address as text. login: as sent.
  std::chrono::milliseconds wait(std::string_view remote, std::string_view login, LoginClock::time_point now);
  // password: empty where the server never sees it (SCRAM).
  void failed(std::string_view remote, std::string_view login, std::string_view password, LoginClock::time_point now);
  void succeeded(std::string_view remote, std::string_view login, LoginClock::time_point now);

 private:
  using Key = std::uint64_t;
  // Wrong passwords, fading.
  struct Score {
    double count = 0;
    LoginClock::time_point at{};
  };
  // An address and a name that logged in from there.
  struct Pair {
    LoginClock::time_point last_success{};
    unsigned failures = 0;  // since then
  };

  Key key_of(std::string_view kind, std::string_view a, std::string_view b = {}) const;
  double faded(const Score& score, LoginClock::time_point now) const noexcept;
  void add(Score& score, LoginClock::time_point now) const noexcept;
  std::chrono::milliseconds wait_for(double count) const noexcept;
  bool is_known(const Pair& pair, LoginClock::time_point now) const noexcept;

  const LoginOptions options_;
  const std::string secret_;
  std::mutex mutex_;
  RecentMap<Key, Score> scores_;  // of addresses and of names
  RecentMap<Key, Pair> pairs_;
  RecentMap<Key, LoginClock::time_point> guesses_;  // wrong passwords for a name that were counted
};

}  // namespace postfach::store
