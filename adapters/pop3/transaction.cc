#include "base/ascii.h"
#include "handlers.h"
#include "reply.h"

namespace postfach::pop3 {
namespace {

std::string with_number(std::string_view before, Number number, std::string_view behind) {
  std::string text(before);
  base::append_number(text, number);
  text += behind;
  return text;
}

// The message that a command names, if it may be named: not one that is marked as deleted (RFC 1939 §5).
std::optional<Number> find(const Maildrop& drop, const Command& command, std::string& out) {
  const Number number = *command.message;
  if (!drop.exists(number)) {
    append_error(
        out, with_number("No such message, maildrop has ", drop.last(), drop.last() == 1 ? " message" : " messages"));
    return std::nullopt;
  }
  if (drop.is_marked(number)) {
    append_error(out, with_number("Message ", number, " is deleted"));
    return std::nullopt;
  }
  return number;
}

// Not [SYS/PERM]: nothing is broken, there is nobody to call.
void append_failure(const Context& context, Number number, const Error& error, std::string& out) {
  if (error.code == Errc::not_found) {
    append_error(out, with_number("Message ", number, " was removed by another session"));
    return;
  }
  context.log(Severity::error, "read_failed", error.message);
  append_error(out, words_for(error.code));
}

std::string contents(const Maildrop& drop) { return describe(drop.messages(), drop.octets()); }

void send_message(Context& context, const Command& command, std::optional<std::uint64_t> top_lines, std::string& out) {
  const auto number = find(*context.drop, command, out);
  if (!number) return;
  auto reply = message_reply(*context.drop, *number, top_lines);
  if (!reply) return append_failure(context, *number, reply.error(), out);
  if (!context.utf8 && context.options.utf8_headers == Utf8Headers::refused) {
    const auto needed = needs_utf8(*context.drop, *number);
    if (!needed) return append_failure(context, *number, needed.error(), out);
    // RFC 6856 §5
    if (*needed) return append_error(out, "[UTF8] The header of this message is UTF-8");
  }
  if (!top_lines) context.drop->mark_retrieved(*number);
  if (top_lines) {
    append_ok(out, "Top of message follows");
  } else {
    std::string size;
    base::append_number(size, context.drop->octets(*number));
    append_ok(out, size + " octets");
  }
  context.rest = std::move(*reply);
}

}  // namespace

// The "drop listing": nothing behind the two numbers.
Outcome handle_stat(Context& context, const Command&, std::string& out) {
  std::string text;
  base::append_number(text, context.drop->messages());
  text += ' ';
  base::append_number(text, context.drop->octets());
  append_ok(out, text);
  return Outcome::good;
}

Outcome handle_list(Context& context, const Command& command, std::string& out) {
  const Maildrop& drop = *context.drop;
  if (!command.message) {
    append_ok(out, contents(drop));
    context.rest = list_reply(drop);
  } else if (const auto number = find(drop, command, out)) {
    std::string text = with_number("", *number, " ");
    base::append_number(text, drop.octets(*number));
    append_ok(out, text);
  }
  return Outcome::good;
}

// RFC 1939 §7. A message that is gone meanwhile is left out, as one that is marked.
Outcome handle_uidl(Context& context, const Command& command, std::string& out) {
  const Maildrop& drop = *context.drop;
  if (!command.message) {
    append_ok(out, "Unique-id listing follows");
    context.rest = uidl_reply(drop);
  } else if (const auto number = find(drop, command, out)) {
    const auto uidl = drop.uidl(*number);
    if (uidl) {
      append_ok(out, with_number("", *number, " ") + *uidl);
    } else {
      append_failure(context, *number, uidl.error(), out);
    }
  }
  return Outcome::good;
}

Outcome handle_retr(Context& context, const Command& command, std::string& out) {
  send_message(context, command, std::nullopt, out);
  return Outcome::good;
}

// RFC 1939 §7
Outcome handle_top(Context& context, const Command& command, std::string& out) {
  send_message(context, command, command.lines, out);
  return Outcome::good;
}

Outcome handle_dele(Context& context, const Command& command, std::string& out) {
  if (const auto number = find(*context.drop, command, out)) {
    context.drop->mark(*number);
    append_ok(out, with_number("Message ", *number, " deleted"));
  }
  return Outcome::good;
}

Outcome handle_noop(Context&, const Command&, std::string& out) {
  append_ok(out, "Nothing done");
  return Outcome::good;
}

Outcome handle_rset(Context& context, const Command&, std::string& out) {
  context.drop->unmark_all();
  append_ok(out, "Maildrop has " + contents(*context.drop));
  return Outcome::good;
}

}  // namespace postfach::pop3
