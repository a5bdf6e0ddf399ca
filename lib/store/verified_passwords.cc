#include "verified_passwords.h"

#include "auth/sha256.h"
#include "base/ascii.h"
#include "base/random.h"

namespace postfach::store {
namespace {

// One for each account, of some 200 octets.
constexpr std::size_t kMostEntries = 10'000;

}  // namespace

VerifiedPasswords::VerifiedPasswords(std::chrono::seconds lifetime)
    : lifetime_(lifetime), secret_(base::random_octets(auth::kSha256Size)), entries_(kMostEntries) {}

std::string VerifiedPasswords::mac(AccountId account, std::string_view password, std::string_view stored_hash) const {
  const std::string id = std::to_string(static_cast<std::int64_t>(account));
  return auth::hmac_sha256(secret_, {id, password, stored_hash});
}

bool VerifiedPasswords::knows(AccountId account, std::string_view password, std::string_view stored_hash,
                              Clock::time_point now) {
  if (lifetime_.count() <= 0) return false;
  const std::string wanted = mac(account, password, stored_hash);
  const std::lock_guard lock(mutex_);
  const Entry* const entry = entries_.find(account);
  return entry != nullptr && now < entry->end && base::equals_in_constant_time(entry->mac, wanted);
}

void VerifiedPasswords::add(AccountId account, std::string_view password, std::string_view stored_hash,
                            Clock::time_point now) {
  if (lifetime_.count() <= 0) return;
  std::string known = mac(account, password, stored_hash);
  const std::lock_guard lock(mutex_);
  entries_.put(account) = {std::move(known), now + lifetime_};
}

}  // namespace postfach::store
