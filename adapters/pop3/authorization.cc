#include "base/ascii.h"
#include "handlers.h"
#include "reply.h"

namespace postfach::pop3 {
namespace {

// Before the client has sent a password, and before anything is looked up.
bool refuse_in_clear(const Context& context, std::string& out) {
  if (context.may_log_in()) return false;
  append_error(
      out, context.peer.can_start_tls ? "Use STLS first, no login without encryption" : "No login without encryption");
  return true;
}

void submit(Context& context, Credentials& credentials) {
  credentials.remote = context.peer.address;
  context.login.submit(credentials);
}

Outcome go_on(Context& context, protocol::SaslExchange& exchange, protocol::SaslExchange::Step step, std::string& out) {
  using Step = protocol::SaslExchange::Step;
  switch (step) {
    case Step::challenge:
      out += "+ ";
      out += exchange.challenge();
      out += "\r\n";
      context.sasl = std::move(exchange);
      return Outcome::good;
    case Step::credentials: {
      Credentials credentials = exchange.take_credentials();
      submit(context, credentials);
      return Outcome::good;
    }
    case Step::rejected:
      context.login.refuse(context.now);
      return Outcome::good;
    case Step::aborted:
      append_error(out, "Login cancelled");
      return Outcome::good;
    case Step::bad_encoding:
      break;
  }
  append_error(out, "Bad base64");
  return Outcome::bad;
}

}  // namespace

// RFC 1939 §7: every name gets the same answer, whether it exists or not.
Outcome handle_user(Context& context, const Command& command, std::string& out) {
  if (refuse_in_clear(context, out)) return Outcome::bad;
  context.user = command.text;
  append_ok(out, "Password, please");
  return Outcome::good;
}

Outcome handle_pass(Context& context, const Command& command, std::string& out) {
  if (refuse_in_clear(context, out)) return Outcome::bad;
  if (context.user.empty()) {
    append_error(out, "USER first");
    return Outcome::bad;
  }
  Credentials credentials;
  credentials.login = std::exchange(context.user, {});
  credentials.password = command.text;
  submit(context, credentials);
  return Outcome::good;
}

// RFC 5034 §4. Without a mechanism it is how clients older than CAPA, and Outlook, ask which ones there are.
Outcome handle_auth(Context& context, const Command& command, std::string& out) {
  if (command.text.empty()) {
    append_ok(out, "Mechanisms follow");
    if (context.may_log_in()) {
      for (const std::string_view mechanism : protocol::sasl_mechanisms) {
        out += mechanism;
        out += "\r\n";
      }
    }
    append_end(out);
    return Outcome::good;
  }
  if (refuse_in_clear(context, out)) return Outcome::bad;
  context.user.clear();
  auto exchange = protocol::SaslExchange::begin(command.text);
  if (!exchange) {
    append_error(out, "No such mechanism");  // a client that tries several in turn does nothing wrong
    return Outcome::good;
  }
  const auto step = exchange->start(command.initial_response);
  return go_on(context, *exchange, step, out);
}

Outcome handle_sasl_response(Context& context, std::string_view line, std::string& out) {
  protocol::SaslExchange exchange = std::move(*context.sasl);
  context.sasl.reset();
  const auto step = exchange.respond(line);
  return go_on(context, exchange, step, out);
}

// RFC 2595 §4
Outcome handle_stls(Context& context, const Command&, std::string& out) {
  if (context.peer.tls) {
    append_error(out, "TLS is active already");
    return Outcome::bad;
  }
  if (!context.peer.can_start_tls) {
    append_error(out, "TLS is not available");
    return Outcome::bad;
  }
  context.starting_tls = true;
  append_ok(out, "Begin TLS negotiation");
  return Outcome::good;
}

void finish_login(Context& context, Result<Account> answer, std::string& out) {
  if (!answer) {
    context.log(Severity::warning, "login_failed", answer.error().message);
    append_error(out, words_for(answer.error().code));
    if (context.login.exhausted()) context.closing = true;
    return;
  }
  const auto fail = [&](const Error& error, std::string_view words) {
    context.log(Severity::warning, "login_failed", error.message);
    append_error(out, words);
  };
  auto lease = answer->lease_maildrop();
  if (!lease) {
    const bool leased = lease.error().code == Errc::in_use;
    return fail(lease.error(),
                leased ? "[IN-USE] Another POP3 session reads this maildrop" : words_for(lease.error().code));
  }
  auto drop = Maildrop::open(*answer);
  if (!drop) return fail(drop.error(), words_for(drop.error().code));
  context.account = answer->name();
  context.lease = std::move(*lease);
  context.drop = std::move(*drop);
  context.state = State::transaction;
  context.log(Severity::info, "login", context.peer.tls ? "POP3 with TLS" : "POP3");
  append_ok(out, "Maildrop has " + describe(context.drop->messages(), context.drop->octets()));
}

}  // namespace postfach::pop3
