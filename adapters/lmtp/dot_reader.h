// The message behind DATA: transparency undone (RFC 5321 §4.5.2), its end found.
//
// A line ends with CRLF and with nothing else: a bare LF or CR is an octet of the message like any other. So only
// CRLF.CRLF ends the message, and a dot is taken away only at the beginning of a line in this sense. A server that
// sees an end in "LF . CRLF" and the like reads the rest of a message as commands, which who wrote the message chose
// ("SMTP smuggling").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postfach::lmtp {

class DotReader {
 public:
  struct Piece {
    std::size_t taken;        // of the octets that were offered
    std::string_view octets;  // of the message; valid while those are
    bool is_end;              // nothing behind is taken
  };

  // Takes some of the octets, at least one; call it again with the rest.
  Piece next(std::string_view octets);

 private:
  enum class State : std::uint8_t {
    line_begins,
    text,
    cr,      // within a line, behind CR
    dot,     // the dot at the beginning of a line, which was taken away
    dot_cr,  // that and CR, which is the message's if no LF follows
  };
  Piece after_dot(std::string_view octets);

  State state_ = State::line_begins;
};

}  // namespace postfach::lmtp
