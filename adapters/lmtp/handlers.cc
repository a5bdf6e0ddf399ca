#include "handlers.h"

#include "base/ascii.h"

namespace postfach::lmtp {
namespace {

// RFC 2033 §4.1, with what is behind the name as EHLO has it (RFC 5321 §4.1.1.1).
Outcome handle_lhlo(Context& context, const Command& command, std::string& out) {
  context.reset();
  context.client = command.text;
  out += "250-" + context.options->hostname + "\r\n";
  out +=
      "250-PIPELINING\r\n"
      "250-ENHANCEDSTATUSCODES\r\n"
      "250-8BITMIME\r\n"
      "250-SMTPUTF8\r\n"
      "250-CHUNKING\r\n"
      "250-BINARYMIME\r\n";
  if (context.peer.can_start_tls && !context.peer.tls) out += "250-STARTTLS\r\n";
  out += "250 SIZE ";
  base::append_number(out, context.store.options().max_message_size);
  out += "\r\n";
  return Outcome::good;
}

// RFC 3207 §4
Outcome handle_starttls(Context& context, std::string& out) {
  if (context.peer.tls) {
    append_reply(out, {503, "5.5.1", "TLS is active already"});
    return Outcome::bad;
  }
  if (!context.peer.can_start_tls) {
    append_reply(out, {502, "5.5.1", "TLS is not available"});
    return Outcome::bad;
  }
  context.starting_tls = true;
  append_reply(out, {220, "2.0.0", "Begin TLS negotiation"});
  return Outcome::good;
}

Outcome answer(std::string& out, const Reply& reply) {
  append_reply(out, reply);
  return Outcome::good;
}

}  // namespace

Outcome handle(Context& context, const Command& command, std::string& out) {
  switch (command.verb) {
    case Verb::lhlo:
      return handle_lhlo(context, command, out);
    case Verb::helo:  // RFC 2033 §4.1: neither HELO nor EHLO
      append_reply(out, {500, "5.5.1", "This is LMTP, please say LHLO"});
      return Outcome::bad;
    case Verb::mail:
      return handle_mail(context, command, out);
    case Verb::rcpt:
      return handle_rcpt(context, command, out);
    case Verb::data:
      return handle_data(context, out);
    case Verb::bdat:
      return handle_bdat(context, command, out);
    case Verb::starttls:
      return handle_starttls(context, out);
    case Verb::rset:
      context.reset();
      return answer(out, replies::kOk);
    case Verb::noop:
      return answer(out, replies::kOk);
    case Verb::vrfy:  // RFC 5321 §7.3
      return answer(out, {252, "2.5.2", "Send some mail, I will try my best"});
    case Verb::help:
      return answer(out, {214, "2.0.0", "LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY STARTTLS QUIT"});
    case Verb::quit:
      break;
  }
  context.closing = true;
  return answer(out, {221, "2.0.0", "Bye"});
}

}  // namespace postfach::lmtp
