// Transcripts: tests that read like the protocol.
//
//     check_transcript(R"(
//       S~ * OK *
//       C: a LOGIN alice secret
//       S: a OK Logged in
//       C: b IDLE
//       S: + idling
//       ! ring
//       S: * 1 EXISTS
//     )", {.make = [](protocol::Ring ring) { return make_session(ring); }});
//
// The text is run several times against a new session each: whole, one octet at a time and in random pieces, with a
// large, a small and a tiny soft limit; some of the runs offer what a session can join (Session::may_join()). Each run must
// give the same output.
//
// Lines (leading blanks, empty lines and lines that begin with # are ignored):
//   C: text      sent with CRLF. Consecutive C lines are pipelined.
//   L: text      as C, but counted: {n} or {n+} at the end of a C line stands for the octets of the L lines that come
//                next, their CRLFs included.
//   S: text      expected, with CRLF. All output since the last S lines must match the S lines that follow it.
//   S~ text      as S, but * stands for any run of characters; not in a leading "* ", and not as \*.
//   S~ ...       any number of lines
//   ! tls        the session must want start_tls; TLS starts. Octets sent in clear and not taken are thrown away.
//   ! ring       the doorbell rings
//   ! deadline   the clock moves to deadline(), which must be set, and on_deadline() is called
//   ! after N    the clock moves on by N seconds; deadlines on the way come due
//   ! shutdown   on_shutdown()
//   ! disconnect on_disconnect()
//   ! want W     the session must want W: read, wait, start_tls or close
//   ! name text  calls Transcript::events["name"]("text"), and then on_store_changed() if that rang
//
// Escapes: \r \n \t \0 \xHH. Any other backslash is itself (so "\Seen" needs no care). A backslash at the end of a
// line leaves out its CRLF. A blank at the end of a line is best written as \x20.
//
// A session that wants to wait is given up to ten seconds for its ring, unless the next line is an event.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "postfach/protocol/session.h"

namespace postfach::test {

struct Transcript {
  // Makes the session, and the world it lives in: it is called once for each run.
  std::function<std::unique_ptr<protocol::Session>(protocol::Ring)> make;
  // What else happens ("! deliver hello"); called between two calls of the session.
  std::map<std::string, std::function<void(std::string_view argument)>, std::less<>> events = {};
};

// What is wrong, with the line and the run; empty if the session follows the text in every run.
std::string transcript_failure(std::string_view text, const Transcript& transcript);

// The same, as a failed Catch2 assertion.
void check_transcript(std::string_view text, const Transcript& transcript);

}  // namespace postfach::test
