#include "append.h"

#include "head.h"

namespace postfach::imap {

LiteralUse literal_use(std::string_view text) noexcept {
  // No parse_head(): this is asked for each literal of every command, and needs no copy of the name.
  Scanner in(text);
  std::string_view name;
  in.prefix(tag_of(text));
  if (!in.sp() || !in.atom(name) || !in.sp()) return LiteralUse::argument;
  constexpr std::string_view kAppend = "APPEND";
  Scanner is(name);
  if (!is.word(kAppend)) return LiteralUse::argument;
  // The announcement directly behind the name is that of the mailbox.
  const std::string_view arguments = in.rest();
  const bool names_mailbox = arguments.starts_with('{') && arguments.find('\n') == std::string_view::npos;
  return names_mailbox ? LiteralUse::argument : LiteralUse::append_message;
}

// append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal
std::optional<Append> parse_append(Scanner& in) {
  Append append;
  if (!in.sp() || !in.mailbox(append.mailbox) || !in.sp()) return std::nullopt;
  if (in.at('(') && (!in.flag_list(append.flags) || !in.sp())) return std::nullopt;
  if (in.at('"')) {
    DateTime time;
    if (!in.date_time(time) || !in.sp()) return std::nullopt;
    append.internal_date = time;
  }
  if (!in.literal_announcement(append.size)) return std::nullopt;
  return append;
}

}  // namespace postfach::imap
