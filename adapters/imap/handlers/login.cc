// LOGIN and AUTHENTICATE (RFC 9051 §6.2.2, §6.2.3), UNAUTHENTICATE (RFC 8437).
//
// Invariants: no look-up before the connection is known to be private; every wrong login is answered with the same text
// after a delay that grows; passwords are wiped as soon as they were checked.
#include <utility>

#include "handlers.h"
#include "imap/response/server_data.h"
#include "imap/state/capability.h"
#include "protocol/login.h"
#include "protocol/secret.h"

namespace postfach::imap {
namespace {

Answer privacy_required() { return no("Passwords are accepted on encrypted connections only", "PRIVACYREQUIRED"); }

class LoginTask final : public Task {
 public:
  explicit LoginTask(Context& context)
      : login_(context.login_rules(), context.login_delay, context.peer.address, context.ring) {}

  protocol::Login& login() noexcept { return login_; }

  Step step(Context& context, std::string& out, std::size_t) override {
    if (needs_line_) return Step::line;
    switch (login_.step(context.now)) {
      case protocol::Login::Step::challenge:
        append_continuation(out, login_.challenge());
        needs_line_ = true;
        return Step::line;
      case protocol::Login::Step::wait:
        return Step::wait;
      case protocol::Login::Step::accepted:
        context.log_in(login_.account());
        context.log(Severity::info, "login", context.account->name());
        return done(ok("Logged in", code_capability(capabilities(context))));
      case protocol::Login::Step::aborted:
        if (context.login_delay.exhausted()) context.close = true;
        return done(bad("Authentication aborted"));
      case protocol::Login::Step::bad_encoding:
        return done(bad("No valid base64"));
      case protocol::Login::Step::refused:
        break;
    }
    return done(refusal(context));
  }

  void line(std::string_view text) override {
    login_.respond(text);
    needs_line_ = false;
  }

  std::optional<protocol::Clock::time_point> deadline() const override { return login_.deadline(); }

 private:
  Answer refusal(Context& context) {
    const Error& error = login_.error();
    context.log(Severity::warning, "login_failed", login_.name(), error.message);
    if (error.code != Errc::auth_failed) return no("Login is not possible at the moment", "UNAVAILABLE");
    if (context.login_delay.exhausted()) context.close = true;
    return no("Wrong name or password", "AUTHENTICATIONFAILED");
  }

  protocol::Login login_;
  bool needs_line_ = false;
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
  auto task = std::make_unique<LoginTask>(context);
  task->login().begin(credentials);
  return task;
}

Outcome handle_authenticate(Context& context, Authenticate authenticate, std::string&) {
  if (authenticate.initial && !offers(context, "SASL-IR")) {
    protocol::wipe(*authenticate.initial);
    return bad("Unexpected initial response");
  }
  if (!context.may_log_in()) {
    if (authenticate.initial) protocol::wipe(*authenticate.initial);
    return privacy_required();
  }
  if (authenticate.initial && authenticate.initial->empty()) authenticate.initial->assign(1, '=');
  auto task = std::make_unique<LoginTask>(context);
  const bool is_offered =
      task->login().begin(authenticate.mechanism, offered_mechanisms(context), context.peer.tls, authenticate.initial);
  if (authenticate.initial) protocol::wipe(*authenticate.initial);
  if (!is_offered) return no("No such authentication mechanism", "CANNOT");
  return task;
}

// RFC 8437 §3: never NO. The session does what is left when the answer is written.
Outcome handle_unauthenticate(Context& context, std::string&) {
  context.log(Severity::info, "unauthenticated", context.account->name());
  context.log_out();
  return ok("Not authenticated any more");
}

}  // namespace postfach::imap
