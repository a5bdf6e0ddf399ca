#include "handlers.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "reply.h"

namespace postfach::pop3 {
namespace {

enum class In : unsigned char { authorization, transaction, both };

struct HandlerRow {
  Verb verb;
  In in;
  Outcome (*handler)(Context&, const Command&, std::string&);
};
constexpr std::array kHandlerRows = {
    HandlerRow{Verb::apop, In::authorization, handle_apop}, HandlerRow{Verb::auth, In::authorization, handle_auth},
    HandlerRow{Verb::capa, In::both, handle_capa},          HandlerRow{Verb::dele, In::transaction, handle_dele},
    HandlerRow{Verb::lang, In::both, handle_lang},          HandlerRow{Verb::list, In::transaction, handle_list},
    HandlerRow{Verb::noop, In::transaction, handle_noop},   HandlerRow{Verb::pass, In::authorization, handle_pass},
    HandlerRow{Verb::quit, In::both, handle_quit},          HandlerRow{Verb::retr, In::transaction, handle_retr},
    HandlerRow{Verb::rset, In::transaction, handle_rset},   HandlerRow{Verb::stat, In::transaction, handle_stat},
    HandlerRow{Verb::stls, In::authorization, handle_stls}, HandlerRow{Verb::top, In::transaction, handle_top},
    HandlerRow{Verb::uidl, In::transaction, handle_uidl},   HandlerRow{Verb::user, In::authorization, handle_user},
    HandlerRow{Verb::utf8, In::authorization, handle_utf8},
};

// RFC 2449 §6.5, §6.7: what differs between accounts is announced at its worst before login, with USER behind it.
void append_retention(const Context& context, std::string& out) {
  MaildropBounds bounds{.login_delay = context.policy.login_delay, .expire_days = context.policy.expire_days};
  if (context.state == State::authorization) {
    const MaildropPolicy& common = context.store.options().maildrop;
    bounds = context.store.maildrop_bounds().value_or(
        MaildropBounds{.login_delay = common.login_delay, .expire_days = common.expire_days});
  }
  out += "EXPIRE ";
  if (bounds.expire_days) {
    base::append_number(out, *bounds.expire_days);
  } else {
    out += "NEVER";
  }
  if (bounds.expire_days_differ) out += " USER";
  out += "\r\n";
  if (bounds.login_delay.count() == 0) return;
  out += "LOGIN-DELAY ";
  base::append_number(out, static_cast<std::uint64_t>(bounds.login_delay.count()));
  if (bounds.login_delay_differs) out += " USER";
  out += "\r\n";
}

}  // namespace

const protocol::MechanismSet& Context::mechanisms() {
  if (!known_mechanisms) {
    known_mechanisms = protocol::possible_mechanisms(login_rules(), peer.tls);
    for (const std::string& name : options.mechanisms_off) {
      if (const auto mechanism = protocol::find_mechanism(name)) known_mechanisms->remove(*mechanism);
    }
  }
  return *known_mechanisms;
}

Outcome handle(Context& context, const Command& command, std::string& out) {
  const auto row = std::ranges::find(kHandlerRows, command.verb, &HandlerRow::verb);
  const bool logged_in = context.state == State::transaction;
  if (row->in == (logged_in ? In::authorization : In::transaction)) {
    append_error(out, logged_in ? "Already logged in" : "Log in first");
    return Outcome::bad;
  }
  return row->handler(context, command, out);
}

// RFC 2449 §5, §6. What can't be used on this connection is not announced: no password before TLS. All that
// is announced before login is announced after it, STLS excepted (RFC 2595 §8: AUTHORIZATION only).
Outcome handle_capa(Context& context, const Command&, std::string& out) {
  append_ok(out, "Capability list follows");
  out += "TOP\r\nUIDL\r\n";
  if (context.may_log_in()) {
    out += "USER\r\nSASL";
    for (const protocol::Mechanism mechanism : protocol::kMechanisms) {
      if (!context.mechanisms().contains(mechanism)) continue;
      out += ' ';
      out += protocol::name_of(mechanism);
    }
    out += "\r\n";
  }
  if (context.peer.can_start_tls && !context.peer.tls && context.state == State::authorization) out += "STLS\r\n";
  out += "PIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n";
  append_retention(context, out);
  out += "UTF8 USER\r\nLANG\r\n";
  if (!context.options.implementation.empty()) {
    out += "IMPLEMENTATION ";
    out += context.options.implementation;
    out += "\r\n";
  }
  append_end(out);
  return Outcome::good;
}

// RFC 1939 §6. The client hears +OK only when what it marked is gone for good, and finds the maildrop free
// when it comes back at once.
Outcome handle_quit(Context& context, const Command&, std::string& out) {
  context.closing = true;
  if (context.state == State::authorization) {
    append_ok(out, "Bye");
    return Outcome::good;
  }
  const auto updated = context.drop->update(context.policy);
  context.lease.reset();
  if (!updated) {
    context.log(Severity::error, "remove_failed", updated.error().message);
    append_error(out, words_for(updated.error().code));
    return Outcome::good;
  }
  std::string text = "Bye";
  if (updated->deleted > 0) {
    text += ", messages removed: ";
    base::append_number(text, updated->deleted);
  }
  context.log(Severity::info, "logout", text);
  append_ok(out, text);
  return Outcome::good;
}

}  // namespace postfach::pop3
