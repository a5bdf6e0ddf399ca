#include "authentication.h"

#include <mutex>
#include <utility>

namespace postfach::protocol {

class Authentication::Slot {
 public:
  explicit Slot(Ring ring) : ring_(std::move(ring)) {}

  void put(Result<Account> answer) {
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
      answered_ = true;
      answer_ = std::move(answer);
    }
    if (ring_) ring_();
  }
  std::optional<Result<Account>> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(answer_, std::nullopt);
  }

 private:
  const Ring ring_;
  std::mutex mutex_;
  bool answered_ = false;
  std::optional<Result<Account>> answer_;
};

namespace {

// What an AuthReply holds. The last copy that goes answers, if none of them has.
template <class Slot>
class Promise {
 public:
  explicit Promise(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise() { slot_->put(Error{Errc::unavailable, "the authenticator gave no answer"}); }
  void keep(Result<Account> answer) { slot_->put(std::move(answer)); }

 private:
  std::shared_ptr<Slot> slot_;
};

Result<Account> check_in_store(const Store& store, const Credentials& credentials) {
  Result<Account> account = store.authenticate(credentials.login, credentials.password);
  // RFC 4616 §2: the store's accounts have no proxies. Checked after the password, so that it costs the same.
  const bool as_itself = credentials.authorize_as.empty() || credentials.authorize_as == credentials.login;
  if (account && !as_itself) return Error{Errc::auth_failed, "wants to act for another account"};
  return account;
}

}  // namespace

Authentication::Authentication(const Store& store, const Authenticator& authenticator, const Credentials& credentials,
                               Ring ring)
    : slot_(std::make_shared<Slot>(authenticator ? std::move(ring) : Ring())) {
  if (authenticator) {
    authenticator(credentials, [promise = std::make_shared<Promise<Slot>>(slot_)](Result<Account> answer) {
      promise->keep(std::move(answer));
    });
  } else {
    slot_->put(check_in_store(store, credentials));
  }
}

std::optional<Result<Account>> Authentication::take() { return slot_->take(); }

}  // namespace postfach::protocol
