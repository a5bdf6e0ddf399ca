// From credentials to an account or a refusal: the host's authenticator or the store's passwords, and the delay of
// refusals.
//
// Invariants:
// - A password is wiped as soon as it has been handed on.
// - Nothing sleeps: busy() without has_work() means that an answer is due from outside or is held back until due().
// - An answer that comes late, twice or after the session's end goes to a box that nobody looks into any more.
#pragma once

#include <optional>
#include <string>

#include "postfach/auth.h"
#include "postfach/pop3/session.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"
#include "protocol/authentication.h"
#include "protocol/login_delay.h"

namespace postfach::pop3 {

class Login {
 public:
  Login(const SessionOptions& options, protocol::Ring ring);
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  // Takes over the credentials, which are wiped where they were; take_answer() checks them.
  void submit(Credentials& credentials);
  // As a wrong password, without a look-up: credentials of a wrong form.
  void refuse(protocol::Clock::time_point now);
  // Forgets what is under way.
  void abandon() noexcept;

  bool busy() const noexcept { return credentials_ || check_ || answer_; }
  bool has_work() const noexcept { return credentials_ || (answer_ && !delay_.due()); }

  // Runs the check, which may block for the disk, and returns the answer once it may be sent.
  std::optional<Result<Account>> take_answer(const Store& store, const Authenticator& authenticator,
                                             protocol::Clock::time_point now);

  // After a ring: looks whether the authenticator has answered.
  void look(protocol::Clock::time_point now);
  // When to call on_deadline().
  std::optional<protocol::Clock::time_point> due() const noexcept { return delay_.due(); }
  void on_deadline(protocol::Clock::time_point now) noexcept { delay_.release(now); }

  // True after so many wrong passwords that the connection should be closed.
  bool exhausted() const noexcept { return delay_.exhausted(); }
  // The name of the last attempt, for logs.
  const std::string& name() const noexcept { return name_; }

 private:
  void forget_credentials() noexcept;
  void keep(Result<Account> answer, protocol::Clock::time_point now);

  protocol::Ring ring_;
  protocol::LoginDelay delay_;
  std::string name_;
  std::optional<Credentials> credentials_;
  std::optional<protocol::Authentication> check_;  // until its answer is there
  std::optional<Result<Account>> answer_;
};

}  // namespace postfach::pop3
