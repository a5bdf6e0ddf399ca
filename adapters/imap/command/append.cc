#include "append.h"

#include "head.h"

namespace postfach::imap {

LiteralUse literal_use(std::string_view text) noexcept {
  // No parse_head(): this is asked for each literal of every command, and needs no copy of the name.
  Scanner in(text);
  in.prefix(tag_of(text));
  if (!in.sp()) return LiteralUse::argument;
  const bool has_uid = in.word("UID") && in.sp();
  if (in.word("REPLACE")) {
    if (!in.sp()) return LiteralUse::argument;
    in.prefix(in.rest().substr(0, in.rest().find(' ')));  // the number, whatever it is
  } else if (has_uid || !in.word("APPEND")) {
    return LiteralUse::argument;
  }
  if (!in.sp()) return LiteralUse::argument;
  // The announcement directly behind that is the one of the mailbox.
  const std::string_view arguments = in.rest();
  const bool names_mailbox = arguments.starts_with('{') && arguments.find('\n') == std::string_view::npos;
  return names_mailbox ? LiteralUse::argument : LiteralUse::streamed;
}

// append = "APPEND" SP mailbox 1*append-message
std::optional<Append> parse_append(Scanner& in) {
  Append append;
  if (in.sp() && in.mailbox(append.mailbox)) return append;
  return std::nullopt;
}

// replace = "REPLACE" SP seq-number SP mailbox append-message
// uid     =/ "UID" SP replace
std::optional<Replace> parse_replace(Scanner& in) {
  Replace replace;
  std::uint32_t number = NumberSet::kStar;
  if (!in.sp() || (!in.skip('*') && !in.nz_number(number)) || !in.sp() || !in.mailbox(replace.mailbox)) {
    return std::nullopt;
  }
  if (!replace.message.add(number, number) || !replace.message.finish()) return std::nullopt;
  return replace;
}

AppendParser::Event AppendParser::next() {
  Event event = Event::error;
  for (;;) {
    switch (place_) {
      case Place::options:
        if (!is_first_) {
          Scanner rest = in_;
          if (rest.end()) return Event::end;
          if (!syntax_.multiappend) {
            in_.fail("One message at a time");
            return Event::error;
          }
        }
        return message() ? Event::message : Event::error;

      case Place::data:
        if (!data(event)) return Event::error;
        if (place_ == Place::part) break;
        return event;

      case Place::part:
        return part(event) ? event : Event::error;

      case Place::behind_utf8:
        if (!in_.expect(')')) return Event::error;
        place_ = catenates_ ? Place::behind_part : Place::behind_message;
        break;

      case Place::behind_part:
        if (in_.skip(' ')) {
          place_ = Place::part;
          break;
        }
        if (!in_.expect(')')) return Event::error;
        place_ = Place::behind_message;
        break;

      case Place::behind_message:
        place_ = Place::options;
        return Event::message_end;
    }
  }
}

// append-message = append-opts SP append-data
// append-opts    = [SP flag-list] [SP date-time]
bool AppendParser::message() {
  is_first_ = false;
  catenates_ = false;
  flags_ = {};
  internal_date_.reset();
  if (!in_.sp()) return false;
  if (in_.at('(') && (!in_.flag_list(flags_) || !in_.sp())) return false;
  if (in_.at('"')) {
    DateTime time;
    if (!in_.date_time(time) || !in_.sp()) return false;
    internal_date_ = time;
  }
  place_ = Place::data;
  return true;
}

// append-data = literal / literal8 / "UTF8" SP "(" literal8 ")" / "CATENATE" SP "(" cat-part *(SP cat-part) ")"
bool AppendParser::data(Event& event) {
  event = Event::literal;
  if (syntax_.catenate && in_.word("CATENATE")) {
    catenates_ = true;
    place_ = Place::part;
    return in_.sp() && in_.expect('(');
  }
  literal_.is_message = true;
  const bool utf8 = syntax_.utf8 && in_.word("UTF8");
  place_ = utf8 ? Place::behind_utf8 : Place::behind_message;
  return (!utf8 || (in_.sp() && in_.expect('('))) && announced(utf8);
}

// cat-part = "TEXT" SP (literal / literal8) / "UTF8" SP "(" literal8 ")" / "URL" SP astring
bool AppendParser::part(Event& event) {
  event = Event::literal;
  literal_.is_message = false;
  place_ = Place::behind_part;
  if (in_.word("TEXT")) return in_.sp() && announced(false);
  if (syntax_.utf8 && in_.word("UTF8")) {
    place_ = Place::behind_utf8;
    return in_.sp() && in_.expect('(') && announced(true);
  }
  if (!in_.word("URL")) return in_.fail("TEXT or URL expected");
  if (!in_.sp()) return false;
  event = Event::url_literal;
  if (in_.at('{')) return in_.literal_announcement(literal_.size);
  event = Event::url;
  return in_.astring(url_);
}

// utf8: only as a literal8.
bool AppendParser::announced(bool utf8) {
  literal_.is_binary = in_.at('~');
  if (utf8 && !literal_.is_binary) return in_.fail("UTF8 needs a literal8");
  if (literal_.is_binary && !utf8 && !syntax_.binary) return in_.fail("BINARY is not offered");
  return in_.literal_announcement(literal_.size);
}

}  // namespace postfach::imap
