#include "login_failures.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "auth/sha256.h"
#include "base/ascii.h"
#include "base/random.h"

namespace postfach::store {
namespace {

// An entry takes some 100 octets: together at most 6 MiB, reached only under attack or by so many users.
constexpr std::size_t kMostScores = 20'000;
constexpr std::size_t kMostPairs = 30'000;
constexpr std::size_t kMostGuesses = 10'000;

// Long enough for a notebook that comes back from a holiday.
constexpr auto kPairLives = std::chrono::hours(24 * 31);
// Who shares an address with a user may try so many passwords for the user's name before the user's logins wait like all
// others.
constexpr unsigned kMostGuessesOfPair = 10;
// Below this a score is as good as none.
constexpr double kNothing = 0.5;

struct Address {
  std::array<unsigned char, 16> octets{};
  bool is_v4 = false;
};

bool parse(std::string_view text, Address& address) noexcept {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  text = text.substr(0, text.find('%'));  // the zone of a link-local address
  if (text.size() >= copy.size()) return false;
  std::copy(text.begin(), text.end(), copy.begin());
  if (::inet_pton(AF_INET, copy.data(), address.octets.data()) == 1) {
    address.is_v4 = true;
    return true;
  }
  if (::inet_pton(AF_INET6, copy.data(), address.octets.data()) != 1) return false;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(kMapped.begin(), kMapped.end(), address.octets.begin())) {
    std::copy_n(address.octets.begin() + 12, 4, address.octets.begin());
    address.is_v4 = true;
  }
  return true;
}

}  // namespace

std::string login_address_key(std::string_view remote) {
  Address address;
  if (!parse(remote, address)) return std::string(remote);
  // One customer has one IPv4 address, or one IPv6 /64.
  std::string key(1, address.is_v4 ? '4' : '6');
  key.append(reinterpret_cast<const char*>(address.octets.data()), address.is_v4 ? 4 : 8);
  return key;
}

bool is_loopback(std::string_view remote) noexcept {
  Address address;
  if (!parse(remote, address)) return false;
  if (address.is_v4) return address.octets[0] == 127;
  return std::all_of(address.octets.begin(), address.octets.end() - 1, [](unsigned char c) { return c == 0; }) &&
         address.octets.back() == 1;
}

LoginFailures::LoginFailures(const LoginOptions& options)
    : options_(options),
      secret_(base::random_octets(auth::kSha256Size)),
      scores_(kMostScores),
      pairs_(kMostPairs),
      guesses_(kMostGuesses) {}

LoginFailures::Key LoginFailures::key_of(std::string_view kind, std::string_view a, std::string_view b) const {
  const std::string hash = auth::hmac_sha256(secret_, {kind, a, b});
  Key key = 0;
  std::memcpy(&key, hash.data(), sizeof key);
  return key;
}

double LoginFailures::faded(const Score& score, LoginClock::time_point now) const noexcept {
  if (now <= score.at || options_.half_life.count() <= 0) return score.count;
  const std::chrono::duration<double> passed = now - score.at;
  return score.count * std::exp2(-passed.count() / static_cast<double>(options_.half_life.count()));
}

void LoginFailures::add(Score& score, LoginClock::time_point now) const noexcept {
  const double before = faded(score, now);
  score = {(before < kNothing ? 0 : before) + 1, now};
}

std::chrono::milliseconds LoginFailures::wait_for(double count) const noexcept {
  const double beyond = std::floor(count + kNothing) - options_.free_failures;
  if (beyond < 1 || options_.first_wait.count() <= 0) return {};
  constexpr double kEnough = 30;  // doublings, before the number gets too large
  const double wait = static_cast<double>(options_.first_wait.count()) * std::exp2(std::min(beyond - 1, kEnough));
  const auto longest = static_cast<double>(options_.longest_wait.count());
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(wait, longest)));
}

bool LoginFailures::is_known(const Pair& pair, LoginClock::time_point now) const noexcept {
  return now - pair.last_success < kPairLives && pair.failures < kMostGuessesOfPair;
}

std::chrono::milliseconds LoginFailures::wait(std::string_view remote, std::string_view login,
                                              LoginClock::time_point now) {
  if (options_.longest_wait.count() <= 0) return {};
  const std::string address = login_address_key(remote);
  const std::string name = base::to_lower(login);
  const Key pair_key = key_of("pair", address, name);
  const Key address_key = key_of("address", address);
  const Key name_key = key_of("name", name);
  const bool counts_address = !(options_.exempt_loopback && is_loopback(remote));
  const std::lock_guard lock(mutex_);
  if (const Pair* const pair = pairs_.find(pair_key); pair != nullptr && is_known(*pair, now)) return {};
  double most = 0;
  if (const Score* const score = counts_address ? scores_.find(address_key) : nullptr) most = faded(*score, now);
  if (const Score* const score = scores_.find(name_key)) most = std::max(most, faded(*score, now));
  return wait_for(most);
}

void LoginFailures::failed(std::string_view remote, std::string_view login, std::string_view password,
                           LoginClock::time_point now) {
  if (options_.longest_wait.count() <= 0) return;
  const std::string address = login_address_key(remote);
  const std::string name = base::to_lower(login);
  const Key pair_key = key_of("pair", address, name);
  const Key address_key = key_of("address", address);
  const Key name_key = key_of("name", name);
  const Key guess_key = key_of("guess", name, password);
  const bool counts_address = !(options_.exempt_loopback && is_loopback(remote));
  const std::lock_guard lock(mutex_);
  if (!password.empty()) {
    const bool is_old = guesses_.find(guess_key) != nullptr;
    guesses_.put(guess_key) = now;
    if (is_old) return;  // tells nobody anything new
  }
  if (Pair* const pair = pairs_.find(pair_key)) ++pair->failures;
  if (counts_address) add(scores_.put(address_key), now);
  add(scores_.put(name_key), now);
}

void LoginFailures::succeeded(std::string_view remote, std::string_view login, LoginClock::time_point now) {
  if (options_.longest_wait.count() <= 0) return;
  const Key pair_key = key_of("pair", login_address_key(remote), base::to_lower(login));
  const std::lock_guard lock(mutex_);
  pairs_.put(pair_key) = {now, 0};
}

}  // namespace postfach::store
