// Command lines as plain values (RFC 1939 §3, RFC 2449 §3).
//
// The parser is pure: it knows neither states nor messages. It is a little wider than the grammar where
// clients are: superfluous blanks are ignored ("AUTH " is how Outlook asks for mechanisms), names and
// passwords may be UTF-8 and hold blanks (RFC 1939 §7, PASS).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postfach::pop3 {

enum class Verb : std::uint8_t {
  apop,
  auth,
  capa,
  dele,
  lang,
  list,
  noop,
  pass,
  quit,
  retr,
  rset,
  stat,
  stls,
  top,
  uidl,
  user,
  utf8,
};

// Views into the line.
struct Command {
  Verb verb = Verb::noop;
  // DELE, RETR, TOP: always; LIST, UIDL: maybe. Not yet compared with the maildrop: 0 and any other number
  // can be here; a larger one than fits is UINT32_MAX.
  std::optional<std::uint32_t> message = {};
  std::uint64_t lines = 0;  // TOP; UINT64_MAX stands for everything above, too
  // USER, APOP: the name; PASS: the password; AUTH: the mechanism, LANG: the language, empty if none was named
  std::string_view text = {};
  std::string_view digest = {};                           // APOP
  std::optional<std::string_view> initial_response = {};  // AUTH, as sent: base64 or "="
};

struct ParsedCommand {
  std::optional<Command> command;
  std::string_view problem = {};  // without a command: what to tell the client
};

// The longest command line with its CRLF (RFC 2449 §4).
inline constexpr std::size_t max_command_line = 255;
// AUTH lines and SASL responses: RFC 5034 §4 lifts the limit for them; PLAIN needs 1028 octets at the very
// most.
inline constexpr std::size_t max_auth_line = 8192;

// line: without its CRLF.
ParsedCommand parse_command(std::string_view line);

}  // namespace postfach::pop3
