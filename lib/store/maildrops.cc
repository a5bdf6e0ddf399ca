#include "maildrops.h"

#include <algorithm>

namespace postfach::store {

Result<void> Maildrops::lease(AccountId account, std::chrono::seconds login_delay, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (leased_.contains(account)) return Error{Errc::in_use, "another POP3 session reads this maildrop"};
  const auto last = logins_.find(account);
  if (last != logins_.end() && now - last->second.at < login_delay) {
    return Error{Errc::limit, "the last login was less than the account's login delay ago"};
  }
  if (login_delay.count() > 0) {
    logins_[account] = {now, now + login_delay};
    if (logins_.size() > forget_above_) forget_old(now);
  } else if (last != logins_.end()) {
    logins_.erase(last);
  }
  leased_.insert(account);
  return {};
}

void Maildrops::release(AccountId account) {
  const std::lock_guard lock(mutex_);
  leased_.erase(account);
}

void Maildrops::forget_old(Clock::time_point now) {
  std::erase_if(logins_, [now](const auto& each) { return each.second.forget <= now; });
  forget_above_ = std::max<std::size_t>(1000, 2 * logins_.size());
}

}  // namespace postfach::store
