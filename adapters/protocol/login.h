// One attempt to log in, from the command to the answer, the same for every protocol: the exchange of SASL messages, the
// store's passwords and keys or the host's hooks, the wait of an address or a name that was wrong too often, the turn at
// the password gate, and the delay of a refusal.
//
// Invariants:
// - Nothing sleeps or waits in here: step() says wait, and the session calls again when its ring rang or deadline() came.
// - Whether a name exists shows neither in the answer nor in the work that is done for it.
// - Secrets are wiped as soon as they were handed on.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "postfach/apop.h"
#include "postfach/auth.h"
#include "protocol/login_delay.h"
#include "protocol/mechanisms.h"
#include "protocol/pending.h"
#include "protocol/sasl.h"
#include "store/logins.h"

namespace postfach::protocol {

class Login {
 public:
  enum class Step : unsigned char {
    challenge,  // send challenge(); give the line that comes back to respond(), then call step() again
    wait,       // call step() again after a ring, or at deadline()
    accepted,   // account()
    refused,    // error(): auth_failed, not_permitted (disabled, if rules say that it is told), or another that is ours
    aborted,    // by the client: BAD in IMAP, -ERR in POP3
    bad_encoding,
  };

  // rules and delay must outlive the login; remote is the peer's address.
  Login(const LoginRules& rules, LoginDelay& delay, std::string remote, Ring ring);
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  // One of these, first. The credentials are taken over, and wiped where they were.
  void begin(Credentials& credentials);
  // offered: what the client could see in the list, for the detection of a downgrade. The initial response as sent, "="
  // for an empty one. False if no mechanism of this name is offered.
  bool begin(std::string_view mechanism, const MechanismSet& offered, const std::optional<TlsInfo>& tls,
             std::optional<std::string_view> initial_response);

  // The third: APOP (RFC 1939 §7). timestamp: that of the greeting; the lookup must outlive the login.
  void begin_apop(std::string_view name, std::string_view digest, std::string_view timestamp, const ApopLookup& lookup);

  Step step(Clock::time_point now);
  void respond(std::string_view line);
  std::optional<Clock::time_point> deadline() const noexcept { return deadline_; }

  const std::string& challenge() const noexcept { return sasl_->challenge(); }
  const Account& account() const { return *account_; }
  const Error& error() const noexcept { return error_; }
  // What the client called itself, for logs; empty if it did not get so far.
  const std::string& name() const noexcept { return name_; }

 private:
  enum class State : unsigned char {
    exchange,   // of SASL messages
    line,       // of which the next one comes from the client
    remember,   // credentials are there: were they right a short while ago?
    pause,      // an address or a name that was wrong too often
    check,      // the store's passwords, with the gate
    host,       // the host's authenticator looks
    secret,     // of APOP
    lookup,     // SCRAM keys; once more when the client has proved that it knows the password
    held_back,  // the answer is known
    over,
  };

  void take_exchange(SaslExchange::Step step, Clock::time_point now);
  void remember(Clock::time_point now);
  void pause(Clock::time_point now);
  void resume(Clock::time_point now);
  void check(Clock::time_point now);
  void ask_host();
  void look_up(Clock::time_point now);
  void compare(Result<ApopLogin> found, Clock::time_point now);
  void provide(Result<ScramLogin> found, Clock::time_point now);
  void confirm(const Result<ScramLogin>& found, Clock::time_point now);
  void take(Result<Account> answer, Clock::time_point now);
  void accept(Account account, Clock::time_point now);
  void refuse(Error error, Clock::time_point now);
  void end(Step outcome);
  void fail_with(Step outcome, Clock::time_point now);
  void forget_secrets() noexcept;
  bool uses_store() const noexcept { return !rules_.authenticator; }
  bool is_other_identity() const;

  const LoginRules rules_;
  LoginDelay& delay_;
  const std::string remote_;
  const Ring ring_;

  State state_ = State::exchange;
  Step outcome_ = Step::refused;  // once it is known
  std::optional<Clock::time_point> deadline_;
  std::string name_;
  Error error_;
  std::optional<Account> account_;

  Credentials credentials_;
  std::optional<SaslExchange> sasl_;
  std::optional<std::string> response_;  // of the client, to be looked at
  bool started_ = false;                 // the exchange
  bool is_token_refused_ = false;
  bool is_proven_ = false;  // by SCRAM

  struct Apop {
    const ApopLookup& lookup;
    std::string digest;
    std::string timestamp;
  };
  std::optional<Apop> apop_;
  std::optional<Pending<ApopLogin>> host_secret_;

  std::optional<store::PasswordGate::Place> place_;
  std::optional<Pending<Account>> host_answer_;
  std::optional<Pending<ScramLogin>> host_keys_;
  std::optional<ScramLogin> scram_;  // of a name that exists
};

}  // namespace postfach::protocol
