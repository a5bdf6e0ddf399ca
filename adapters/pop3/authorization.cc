#include "base/ascii.h"
#include "base/saslprep.h"
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
  context.begin_login();
  context.login->begin(credentials);
}

// The account's maildrop becomes the session's.
void open_maildrop(Context& context, const Account& account, std::string& out) {
  const auto fail = [&](const Error& error, std::string_view words) {
    context.log(Severity::warning, "login_failed", error.message);
    append_error(out, words);
  };
  auto policy = account.maildrop_policy();
  if (!policy) return fail(policy.error(), words_for(policy.error().code));
  auto lease = account.lease_maildrop(policy->login_delay, context.now);
  if (!lease) {
    const Errc code = lease.error().code;
    if (code == Errc::in_use) return fail(lease.error(), "[IN-USE] Another POP3 session reads this maildrop");
    // RFC 2449 §8.1.1
    if (code == Errc::limit) return fail(lease.error(), "[LOGIN-DELAY] Too soon after the last login");
    return fail(lease.error(), words_for(code));
  }
  auto drop = Maildrop::open(account, *policy);
  if (!drop) return fail(drop.error(), words_for(drop.error().code));
  context.account = account.name();
  context.lease = std::move(*lease);
  context.drop = std::move(*drop);
  context.policy = std::move(*policy);
  context.state = State::transaction;
  context.log(Severity::info, "login", context.peer.tls ? "POP3 with TLS" : "POP3");
  append_ok(out, "Maildrop has " + describe(context.drop->messages(), context.drop->octets()));
}

}  // namespace

// RFC 1939 §7: every name gets the same answer, whether it exists or not.
Outcome handle_user(Context& context, const Command& command, std::string& out) {
  if (refuse_in_clear(context, out)) return Outcome::bad;
  // RFC 6856 §2.2. A password that can't be prepared is left to the store: it may have been set before anybody did that.
  if (!base::is_ascii(command.text) && !base::saslprep(command.text)) {
    append_error(out, "Bad character in name");
    return Outcome::bad;
  }
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
  return Outcome::none;
}

// RFC 5034 §4. Without a mechanism it is how clients older than CAPA, and Outlook, ask which ones there are.
Outcome handle_auth(Context& context, const Command& command, std::string& out) {
  if (command.text.empty()) {
    append_ok(out, "Mechanisms follow");
    for (const protocol::Mechanism mechanism : protocol::kMechanisms) {
      if (!context.may_log_in() || !context.mechanisms().contains(mechanism)) continue;
      out += protocol::name_of(mechanism);
      out += "\r\n";
    }
    append_end(out);
    return Outcome::good;
  }
  if (refuse_in_clear(context, out)) return Outcome::bad;
  context.user.clear();
  context.begin_login();
  if (!context.login->begin(command.text, context.mechanisms(), context.peer.tls, command.initial_response)) {
    context.end_login();
    append_error(out, "No such mechanism");  // a client that tries several in turn does nothing wrong
    return Outcome::good;
  }
  return Outcome::none;
}

Outcome step_login(Context& context, std::string& out) {
  using Step = protocol::Login::Step;
  context.login_due = false;
  const Step step = context.login->step(context.now);
  switch (step) {
    case Step::challenge:
      out += "+ ";
      out += context.login->challenge();
      out += "\r\n";
      context.login_needs_line = true;
      return Outcome::none;
    case Step::wait:
      return Outcome::none;
    case Step::accepted:
      open_maildrop(context, context.login->account(), out);
      break;
    case Step::refused:
      context.log(Severity::warning, "login_failed", context.login->error().message);
      append_error(out, words_for(context.login->error().code));
      break;
    case Step::aborted:
      append_error(out, "Login cancelled");
      break;
    case Step::bad_encoding:
      append_error(out, "Bad base64");
      break;
  }
  context.end_login();
  if (context.login_delay.exhausted()) context.closing = context.closing || step != Step::accepted;
  return step == Step::bad_encoding ? Outcome::bad : Outcome::good;
}

// RFC 1939 §7. It gives no password away, but who listens can try passwords on what it heard.
Outcome handle_apop(Context& context, const Command& command, std::string& out) {
  if (context.timestamp.empty()) {
    append_error(out, "Unknown command");
    return Outcome::bad;
  }
  if (refuse_in_clear(context, out)) return Outcome::bad;
  const auto name = base::saslprep(command.text);
  if (!name) {
    append_error(out, "Bad character in name");
    return Outcome::bad;
  }
  context.user.clear();
  context.begin_login();
  context.login->begin_apop(*name, command.digest, context.timestamp, context.options.apop_lookup);
  return Outcome::none;
}

// RFC 6856 §2.1
Outcome handle_utf8(Context& context, const Command&, std::string& out) {
  context.utf8 = true;
  append_ok(out, "UTF-8 it is");
  return Outcome::good;
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

}  // namespace postfach::pop3
