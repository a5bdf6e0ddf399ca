// Framing: octets in, cut anywhere; complete commands out (RFC 9051 §2.2, §4.3).
//
// Invariants:
// - The events depend on the octets alone, not on how they were cut.
// - Memory stays within the limits plus one line. Nothing is allocated because of an announced size: memory grows only
//   with octets that came.
// - No octet behind the end of a command is looked at until the next feed(), so that the owner may change the limits,
//   the mode or the whole connection (STARTTLS) between two commands.
//
// The owner's loop:
//
//     switch (framer.feed(octets)) {                    // octets is shortened by what was taken
//       case Event::more:     wait for octets
//       case Event::command:  parse framer.text()
//       case Event::line:     (line mode) framer.text() is the line
//       case Event::literal:  decide with take(), stream() or refuse(), then go on with feed()
//       case Event::piece:    framer.piece() is the next part of the streamed literal
//       case Event::streamed: the streamed literal is complete; the rest of the command follows as a command
//       or as
//                             another literal whose text() begins right behind the streamed literal's last
//                             octet
//       case Event::error:    answer BAD with framer.error_text(); say BYE and close if framer.must_close()
//     }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "limits.h"

namespace postfach::imap {

// A literal that the client announced at the end of a line.
struct LiteralAnnouncement {
  std::uint64_t size = 0;     // UINT64_MAX also for anything larger
  bool synchronising = true;  // false: "{n+}", the octets come without being asked for (RFC 7888)
  bool literal8 = false;      // "~{n}" (RFC 3516)
  bool fits = false;          // whether take() is possible; if not: stream() or refuse()
  // Not synchronising and over WireLimits::non_sync_literal: refuse it, also where it would be streamed (RFC
  // 7888 §5).
  bool over_non_sync_limit = false;
};

class Framer {
 public:
  enum class Event : std::uint8_t { more, command, line, literal, piece, streamed, error };
  enum class Error : std::uint8_t {
    none,
    line_too_long,
    nul,          // RFC 9051 §9 note 3
    bare_cr,      // a CR that no LF follows
    bad_literal,  // "{-1}", "{1x}", "{}"
  };

  explicit Framer(const WireLimits& limits) noexcept : limits_(&limits) {}

  // Between two commands. The limits must outlive the framer: they are one of two constants, or the server's.
  void set_limits(const WireLimits& limits) noexcept { limits_ = &limits; }
  // Line mode: each line is an event of its own and no literal is looked for. For "DONE" (RFC 2177) and the
  // client's answers to AUTHENTICATE. Call it between two commands only.
  void set_line_mode(bool on) noexcept { line_mode_ = on; }

  // Takes octets from the front up to the next event and removes them from the view. Event::more means that
  // all were taken. May be called with no octets.
  Event feed(std::string_view& octets);

  // The command so far, without its last line end; literals stand in it as they came, behind "{n}\r\n" (a
  // bare LF is turned into CRLF). At Event::literal it ends with the announcement; at Event::error it is what
  // came before the fault. Valid until the next feed().
  std::string_view text() const noexcept { return text_; }
  const LiteralAnnouncement& literal() const noexcept { return literal_; }
  std::string_view piece() const noexcept { return piece_; }
  Error error() const noexcept { return error_; }
  std::string_view error_text() const noexcept;  // for the client
  // The octets that follow can't be told from commands: the only safe answer is BYE.
  bool must_close() const noexcept { return must_close_; }

  // The three decisions at Event::literal; a feed() without one refuses.
  // Keeps the octets in text(). If the literal is synchronising, send "+ " first. Needs literal().fits.
  void take();
  // Hands the octets out as pieces. The text so far is forgotten: the owner has parsed it.
  void stream();
  // The command is answered with NO or BAD and is over. A synchronising literal is not sent by the client;
  // the octets of any other are skipped, together with the rest of the command, without a further event.
  void refuse();

  // A literal was announced and nothing decided yet.
  bool undecided() const noexcept { return state_ == State::decide; }

  // Overwrites text(), which held a password. Views of it stay valid.
  void wipe() noexcept;

  // Octets held in memory.
  std::size_t memory() const noexcept { return text_.capacity(); }

 private:
  enum class State : std::uint8_t {
    start,       // before the first octet of a command or line
    text,        // within a line
    decide,      // a literal was announced
    keep,        // within a literal that is kept
    stream,      // within a literal that is streamed
    skip_line,   // within the rest of a command that was answered already
    skip_octets  // within a literal of such a command
  };

  Event read_line(std::string_view& octets);
  bool skip_line(std::string_view& octets);
  Event end_of_line();
  Event fail(Error error);
  void begin();

  const WireLimits* limits_;
  std::string text_;
  std::string_view piece_;
  LiteralAnnouncement literal_;
  std::uint64_t remaining_ = 0;     // octets of the current literal that are still to come
  std::size_t line_octets_ = 0;     // of this command, without literals
  std::size_t literal_octets_ = 0;  // kept for this command
  std::size_t literals_ = 0;        // of this command
  std::size_t line_start_ = 0;      // in text_: where the current line begins
  State state_ = State::start;
  Error error_ = Error::none;
  bool after_cr_ = false;  // the last octet of the line was a CR
  bool line_mode_ = false;
  bool must_close_ = false;
};

}  // namespace postfach::imap
