// The octets of a message as the lines of a multi-line reply (RFC 1939 §3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postfach::pop3 {

// Octets go through unchanged but for this:
// - A line that begins with "." gets another "." in front. Only CRLF ends a line here, as the standard has it, so that
//   a client which follows it gets back exactly the stored octets.
// - A "." that stands alone between a bare LF and a line end (LF, CRLF or the end of the message) is doubled as well. A
//   client that takes a bare LF for a line end would see the end of the reply there and read the rest of the mail as
//   replies to its next commands. Safety goes over exactness: a strict client sees one octet more in such a message.
// - A message that does not end with CRLF gets one.
// The result does not depend on how the octets were cut.
class DotStuffer {
 public:
  void write(std::string_view octets, std::string& out);
  // Ends the last line and the reply.
  void finish(std::string& out);

 private:
  enum class Place : std::uint8_t {
    line_start,  // at the beginning, or behind CRLF
    in_line,
    behind_lf,    // behind a bare LF
    lone_dot,     // behind a bare LF and a dot that is not written yet
    lone_dot_cr,  // the same and a CR that is not written yet
  };
  Place place_ = Place::line_start;
  bool behind_cr_ = false;  // the octet before the next one was CR
};

// How much of a message TOP sends: the header, the empty line and so many lines of the body. Here a bare LF
// ends a line too: a message in Unix form has a header as well.
class TopLimit {
 public:
  explicit TopLimit(std::uint64_t lines) noexcept : lines_(lines) {}

  // How many of the next octets belong to the answer.
  std::size_t take(std::string_view octets) noexcept;
  bool is_reached() const noexcept { return in_body_ && lines_ == 0; }

 private:
  std::uint64_t lines_;  // of the body, still to come
  bool in_body_ = false;
  bool line_is_empty_ = true;  // no octet of the line so far but, perhaps, CRs
};

}  // namespace postfach::pop3
