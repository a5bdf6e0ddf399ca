#include "login.h"

#include <utility>

#include "protocol/secret.h"

namespace postfach::pop3 {

Login::Login(const SessionOptions& options, protocol::Ring ring)
    : ring_(std::move(ring)), delay_(options.login_attempts, options.login_delay) {}

Login::~Login() { abandon(); }

// Copied and wiped: moving a short string leaves its octets behind.
void Login::submit(Credentials& credentials) {
  name_ = credentials.login;
  credentials_ = credentials;
  protocol::wipe(credentials);
}

void Login::refuse(protocol::Clock::time_point now) {
  name_.clear();
  keep(Error{Errc::auth_failed, "malformed credentials"}, now);
}

void Login::forget_credentials() noexcept {
  if (credentials_) protocol::wipe(*credentials_);
  credentials_.reset();
}

void Login::abandon() noexcept {
  forget_credentials();
  check_.reset();
  answer_.reset();
}

std::optional<Result<Account>> Login::take_answer(const Store& store, const Authenticator& authenticator,
                                                  protocol::Clock::time_point now) {
  if (credentials_) {
    check_.emplace(store, authenticator, *credentials_, ring_);
    look(now);
    forget_credentials();
  }
  if (!answer_ || delay_.due()) return std::nullopt;
  return std::exchange(answer_, std::nullopt);
}

void Login::look(protocol::Clock::time_point now) {
  if (!check_) return;
  auto answer = check_->take();
  if (!answer) return;
  check_.reset();
  keep(std::move(*answer), now);
}

void Login::keep(Result<Account> answer, protocol::Clock::time_point now) {
  if (!answer && answer.error().code == Errc::auth_failed) delay_.failed(now);
  answer_ = std::move(answer);
}

}  // namespace postfach::pop3
