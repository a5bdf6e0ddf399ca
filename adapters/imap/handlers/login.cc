// LOGIN and AUTHENTICATE (RFC 9051 §6.2.2, §6.2.3).
//
// Invariants: no look-up before the connection is known to be private; every wrong login is answered with the same text
// after a delay that grows; passwords are wiped as soon as they were checked.
#include <utility>

#include "handlers.h"
#include "imap/response/server_data.h"
#include "imap/state/capability.h"
#include "protocol/authentication.h"
#include "protocol/sasl.h"
#include "protocol/secret.h"

namespace postfach::imap {
namespace {

using protocol::SaslExchange;

Answer privacy_required() { return no("Passwords are accepted on encrypted connections only", "PRIVACYREQUIRED"); }

// Checks credentials and answers.
class LoginTask : public Task {
 public:
  explicit LoginTask(Credentials credentials) : credentials_(std::move(credentials)) {}
  ~LoginTask() override { protocol::wipe(credentials_); }

  Step step(Context& context, std::string&, std::size_t) override {
    if (due_) return failed_step(context);
    if (!authentication_) {
      credentials_.remote = context.peer.address;
      authentication_.emplace(context.store, context.options->authenticator, credentials_, context.ring);
      protocol::wipe(credentials_.password);
    }
    std::optional<Result<Account>> result = authentication_->take();
    if (!result) return Step::wait;
    if (!*result) return refuse(context, result->error());
    context.log_in(**std::move(result));
    context.log(Severity::info, "login", context.account->name());
    return done(ok("Logged in", code_capability(capabilities(context))));
  }

  std::optional<protocol::Clock::time_point> deadline() const override { return due_; }

 protected:
  LoginTask() = default;
  Credentials credentials_;

  // A login that need not be checked to be wrong.
  Step refuse(Context& context, const Error& error) {
    context.log(Severity::warning, "login_failed", credentials_.login, error.message);
    switch (error.code) {
      case Errc::auth_failed:
      case Errc::not_permitted:
      case Errc::not_found:
      case Errc::invalid_argument:
        context.login_delay.failed(context.now);
        due_ = context.login_delay.due();
        return failed_step(context);
      default:
        return done(no("Login is not possible at the moment", "UNAVAILABLE"));
    }
  }

 private:
  Step failed_step(Context& context) {
    if (due_ && !context.login_delay.release(context.now)) return Step::wait;
    if (context.login_delay.exhausted()) context.close = true;
    return done(no("Wrong name or password", "AUTHENTICATIONFAILED"));
  }

  std::optional<protocol::Authentication> authentication_;
  std::optional<protocol::Clock::time_point> due_;
};

class AuthenticateTask : public LoginTask {
 public:
  AuthenticateTask(SaslExchange exchange, std::optional<std::string> initial)
      : exchange_(std::move(exchange)), response_(std::move(initial)) {}
  ~AuthenticateTask() override {
    if (response_) protocol::wipe(*response_);
  }

  Step step(Context& context, std::string& out, std::size_t soft_limit) override {
    if (complete_) return LoginTask::step(context, out, soft_limit);
    if (started_ && !response_) return Step::line;
    const SaslExchange::Step step = next();
    if (response_) protocol::wipe(*response_);
    response_.reset();
    switch (step) {
      case SaslExchange::Step::challenge:
        append_continuation(out, exchange_.challenge());
        return Step::line;
      case SaslExchange::Step::credentials:
        complete_ = true;
        credentials_ = exchange_.take_credentials();
        return LoginTask::step(context, out, soft_limit);
      case SaslExchange::Step::aborted:
        return done(bad("Authentication aborted"));
      case SaslExchange::Step::bad_encoding:
        return done(bad("No valid base64"));
      case SaslExchange::Step::rejected:
        break;
    }
    complete_ = true;
    return refuse(context, {Errc::auth_failed, "no message of the SASL mechanism"});
  }

  void line(std::string_view text) override { response_ = std::string(text); }

 private:
  SaslExchange::Step next() {
    if (!std::exchange(started_, true)) {
      return response_ ? exchange_.start(response_->empty() ? "=" : std::string_view(*response_)) : exchange_.start();
    }
    return exchange_.respond(*response_);
  }

  SaslExchange exchange_;
  std::optional<std::string> response_;
  bool started_ = false;
  bool complete_ = false;  // the rest is as with LOGIN
};

}  // namespace

Outcome handle_login(Context& context, Login login, std::string&) {
  Credentials credentials;
  credentials.login = std::move(login.user);
  credentials.password = std::move(login.password);
  if (!context.may_log_in()) {
    protocol::wipe(credentials);
    return privacy_required();
  }
  return std::make_unique<LoginTask>(std::move(credentials));
}

Outcome handle_authenticate(Context& context, Authenticate authenticate, std::string&) {
  if (!context.may_log_in()) {
    if (authenticate.initial) protocol::wipe(*authenticate.initial);
    return privacy_required();
  }
  std::optional<SaslExchange> exchange = SaslExchange::begin(authenticate.mechanism);
  if (!exchange) return no("No such authentication mechanism", "CANNOT");
  return std::make_unique<AuthenticateTask>(*std::move(exchange), std::move(authenticate.initial));
}

}  // namespace postfach::imap
