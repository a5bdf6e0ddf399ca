#include "login.h"

#include <mutex>
#include <utility>

#include "protocol/secret.h"

namespace postfach::pop3 {

struct Login::Box {
  explicit Box(protocol::Ring bell) : ring(std::move(bell)) {}

  void put(Result<Account> result) {
    {
      const std::lock_guard lock(mutex);
      if (answered) return;
      answered = true;
      answer = std::move(result);
    }
    if (ring) ring();
  }
  std::optional<Result<Account>> take() {
    const std::lock_guard lock(mutex);
    return std::exchange(answer, std::nullopt);
  }

  const protocol::Ring ring;
  std::mutex mutex;
  bool answered = false;
  std::optional<Result<Account>> answer;
};

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
  box_.reset();
  answer_.reset();
}

std::optional<Result<Account>> Login::take_answer(const Store& store, const Authenticator& authenticator,
                                                  protocol::Clock::time_point now) {
  if (credentials_) {
    if (authenticator) {
      box_ = std::make_shared<Box>(ring_);
      authenticator(*credentials_, [box = box_](Result<Account> answer) { box->put(std::move(answer)); });
      look(now);
    } else if (!credentials_->authorize_as.empty() && credentials_->authorize_as != credentials_->login) {
      keep(Error{Errc::auth_failed, "may not act for another account"}, now);  // RFC 4616 §2
    } else {
      keep(store.authenticate(credentials_->login, credentials_->password), now);
    }
    forget_credentials();
  }
  if (!answer_ || delay_.due()) return std::nullopt;
  return std::exchange(answer_, std::nullopt);
}

void Login::look(protocol::Clock::time_point now) {
  if (!box_) return;
  auto answer = box_->take();
  if (!answer) return;
  box_.reset();
  keep(std::move(*answer), now);
}

void Login::keep(Result<Account> answer, protocol::Clock::time_point now) {
  if (!answer && answer.error().code == Errc::auth_failed) delay_.failed(now);
  answer_ = std::move(answer);
}

}  // namespace postfach::pop3
