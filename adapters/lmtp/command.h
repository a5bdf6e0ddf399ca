// Command lines as plain values (RFC 5321 §4.1.1, RFC 2033 §4.1, RFC 3030 §2).
//
// The parser is pure: it knows neither states nor accounts. It is a little wider than the grammar where clients are:
// blanks behind "FROM:" and at the end of a line are ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "path.h"
#include "reply.h"

namespace postfach::lmtp {

enum class Verb : std::uint8_t { bdat, data, helo, help, lhlo, mail, noop, quit, rcpt, rset, starttls, vrfy };

enum class Body : std::uint8_t { seven_bit, eight_bit, binary };  // RFC 6152, RFC 3030 §3

struct Command {
  Verb verb = Verb::noop;
  std::string_view text = {};  // LHLO: the name of the client; view into the line
  Path path = {};              // MAIL, RCPT
  // MAIL
  std::uint64_t size = 0;  // 0: not given; UINT64_MAX stands for everything above, too
  Body body = Body::seven_bit;
  bool is_utf8 = false;  // RFC 6531 §3.4
  // BDAT
  std::uint64_t chunk_size = 0;
  bool is_last = false;
};

struct ParsedCommand {
  std::optional<Command> command;
  Reply problem = {};           // without a command
  bool is_out_of_step = false;  // the client may go on with octets that are no commands
};

// The longest command line without its CRLF. RFC 5321 §4.5.3.1.4 asks for 512 octets, to which the parameters of
// extensions add; long addresses in UTF-8 with them come to some 1,200.
inline constexpr std::size_t kMostLineOctets = 2048;

// line: without its CRLF.
ParsedCommand parse_command(std::string_view line);

}  // namespace postfach::lmtp
