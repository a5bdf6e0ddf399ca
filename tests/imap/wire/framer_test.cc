#include "imap/wire/framer.h"

#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace postfach::imap;
using namespace std::string_literals;
using Event = Framer::Event;

enum class Choice { take, stream, refuse };
using Chooser = std::function<Choice(const Framer&)>;

Choice take_what_fits(const Framer& framer) { return framer.literal().fits ? Choice::take : Choice::refuse; }

// Feeds the pieces and writes down what the framer said, one string for each event; pieces of a stream are
// joined.
class Recorder {
 public:
  explicit Recorder(const WireLimits& limits, Chooser chooser = take_what_fits)
      : framer(limits), chooser_(std::move(chooser)) {}

  void feed(std::string_view octets) {
    for (;;) {
      switch (framer.feed(octets)) {
        case Event::more:
          REQUIRE(octets.empty());
          return;
        case Event::command:
          log.push_back("command " + std::string(framer.text()));
          break;
        case Event::line:
          log.push_back("line " + std::string(framer.text()));
          break;
        case Event::literal:
          announce();
          break;
        case Event::piece:
          stream_ += framer.piece();
          break;
        case Event::streamed:
          log.push_back("streamed " + stream_);
          stream_.clear();
          break;
        case Event::error:
          log.push_back("error " + std::string(framer.error_text()) + (framer.must_close() ? " BYE" : "") + ": " +
                        std::string(framer.text().substr(0, 20)));
          break;
      }
      most_memory = std::max(most_memory, framer.memory());
    }
  }

  Framer framer;
  std::vector<std::string> log;
  std::size_t most_memory = 0;

 private:
  void announce() {
    const LiteralAnnouncement& literal = framer.literal();
    log.push_back("literal " + std::to_string(literal.size) + (literal.synchronising ? "" : "+") +
                  (literal.literal8 ? "~" : "") + (literal.fits ? "" : "!") + ": " + std::string(framer.text()));
    switch (chooser_(framer)) {
      case Choice::take:
        return framer.take();
      case Choice::stream:
        return framer.stream();
      case Choice::refuse:
        return framer.refuse();
    }
  }

  Chooser chooser_;
  std::string stream_;
};

using Log = std::vector<std::string>;

// Whole, octet by octet and in random pieces: the log must be the same.
Log frame(const std::string& octets, const Chooser& chooser = take_what_fits,
          const WireLimits& limits = kLimitsAfterLogin) {
  Recorder whole(limits, chooser);
  whole.feed(octets);
  Recorder single(limits, chooser);
  for (const char c : octets) single.feed({&c, 1});
  CHECK(single.log == whole.log);
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    Recorder pieces(limits, chooser);
    for (std::size_t i = 0; i < octets.size();) {
      const std::size_t size = 1 + random() % 40;
      pieces.feed(std::string_view(octets).substr(i, size));
      i += size;
    }
    CHECK(pieces.log == whole.log);
  }
  return whole.log;
}

constexpr WireLimits kSmall{.line = 20, .literal = 10, .literals_total = 15, .literal_count = 3, .non_sync_literal = 8};

}  // namespace

TEST_CASE("framer: lines become commands") {
  CHECK(frame("a NOOP\r\n") == Log{"command a NOOP"});
  CHECK(frame("a NOOP\r\nb LOGOUT\r\n") == Log{"command a NOOP", "command b LOGOUT"});
  CHECK(frame("a NOOP\nb NOOP\r\n") == Log{"command a NOOP", "command b NOOP"});
  CHECK(frame("\r\na NOOP\r\n") == Log{"command ", "command a NOOP"});
  CHECK(frame("a NO").empty());
  CHECK(frame("a \x80\xFF\r\n") == Log{"command a \x80\xFF"});
}

TEST_CASE("framer: literals stand in the text") {
  CHECK(frame("a LOGIN {5}\r\nalice {3}\r\nf\r\n\r\n") == Log{"literal 5: a LOGIN {5}",
                                                              "literal 3: a LOGIN {5}\r\nalice {3}",
                                                              "command a LOGIN {5}\r\nalice {3}\r\nf\r\n"});
  CHECK(frame("a LOGIN {1+}\nb {0+}\n\nc NOOP\n") == Log{"literal 1+: a LOGIN {1+}",
                                                         "literal 0+: a LOGIN {1+}\r\nb {0+}",
                                                         "command a LOGIN {1+}\r\nb {0+}\r\n", "command c NOOP"});
  CHECK(frame("a X {007}\r\n1234567\r\n") == Log{"literal 7: a X {007}", "command a X {007}\r\n1234567"});
  CHECK(frame("a X ~{3}\r\na\0b\r\n"s) == Log{"literal 3~: a X ~{3}", "command a X ~{3}\r\na\0b"s});
  // Octets of a literal that look like the beginning of an announcement.
  CHECK(frame("a X {3}\r\n{5{7}\r\n") == Log{"literal 3: a X {3}", "command a X {3}\r\n{5{7}"});
}

TEST_CASE("framer: what looks like a literal and is none") {
  CHECK(frame("a SELECT foo}\r\n") == Log{"command a SELECT foo}"});
  CHECK(frame("a RENAME \"a{b\" x}\r\n") == Log{"command a RENAME \"a{b\" x}"});
  CHECK(frame("a X {5} \r\n") == Log{"command a X {5} "});
  CHECK(frame("a X {-1}\r\nb NOOP\r\n") == Log{"error Invalid literal: a X {-1}", "command b NOOP"});
  CHECK(frame("a X {1x}\r\n") == Log{"error Invalid literal: a X {1x}"});
  CHECK(frame("a X {}\r\n") == Log{"error Invalid literal: a X {}"});
  // Octets follow, and nobody knows how many.
  CHECK(frame("a X {1x+}\r\n") == Log{"error Invalid literal BYE: a X {1x+}"});
  CHECK(frame("a X {+}\r\n") == Log{"error Invalid literal BYE: a X {+}"});
}

TEST_CASE("framer: a literal that is too large is never taken") {
  const std::string most = std::to_string(UINT64_MAX);
  CHECK(frame("a X {4294967296}\r\nb NOOP\r\n") == Log{"literal 4294967296!: a X {4294967296}", "command b NOOP"});
  for (const char* size : {"18446744073709551615", "18446744073709551616", "99999999999999999999999"}) {
    CHECK(frame("a X {"s + size + "}\r\n") == Log{"literal " + most + "!: a X {" + size + "}"});
    // What follows a non-synchronising literal is never read as a command.
    CHECK(frame("a X {"s + size + "+}\r\nb NOOP\r\nc NOOP\r\n") == Log{"literal " + most + "+!: a X {" + size + "+}"});
  }
  Recorder huge(kLimitsAfterLogin);
  huge.feed("a X {131072}\r\n");
  CHECK(huge.log == Log{"literal 131072: a X {131072}"});
  CHECK(huge.most_memory < 1024);  // memory comes with octets, not with announcements
}

TEST_CASE("framer: limits of one command") {
  const auto log = [](const std::string& octets) { return frame(octets, take_what_fits, kSmall); };
  SECTION("line") {
    CHECK(log("a 3456789012345678 0\r\n") == Log{"command a 3456789012345678 0"});
    CHECK(log("a 3456789012345678 01\r\nb NOOP\r\n") ==
          Log{"error Line too long: a 3456789012345678 0", "command b NOOP"});
    // All lines of a command together.
    CHECK(log("a 456789 {1}\r\nx456789 90\r\nb NOOP\r\n") ==
          Log{"literal 1: a 456789 {1}", "error Line too long: a 456789 {1}\r\nx45678", "command b NOOP"});
  }
  SECTION("one literal") {
    CHECK(log("a {10}\r\n0123456789\r\n") == Log{"literal 10: a {10}", "command a {10}\r\n0123456789"});
    CHECK(log("a {11}\r\nb NOOP\r\n") == Log{"literal 11!: a {11}", "command b NOOP"});
  }
  SECTION("all literals") {
    CHECK(log("a {10}\r\n0123456789{5}\r\n01234\r\n").size() == 3);
    CHECK(log("a {10}\r\n0123456789{6}\r\nb NOOP\r\n").back() == "command b NOOP");
  }
  SECTION("number of literals") {
    CHECK(log("a {0}\r\n{0}\r\n{0}\r\n\r\n").back() == "command a {0}\r\n{0}\r\n{0}\r\n");
    CHECK(log("a {0}\r\n{0}\r\n{0}\r\n{0}\r\n") == Log{"literal 0: a {0}", "literal 0: a {0}\r\n{0}",
                                                       "literal 0: a {0}\r\n{0}\r\n{0}",
                                                       "literal 0!: a {0}\r\n{0}\r\n{0}\r\n{0}"});
  }
  SECTION("LITERAL-") {
    CHECK(log("a {8+}\r\n01234567\r\n").back() == "command a {8+}\r\n01234567");
    CHECK(log("a {9+}\r\n012345678 x\r\nb NOOP\r\n") == Log{"literal 9+!: a {9+}", "command b NOOP"});
    CHECK(log("a {9}\r\n012345678\r\n").back() == "command a {9}\r\n012345678");
  }
  SECTION("before login") {
    CHECK(frame("a {4096+}\r\n" + std::string(4096, 'x') + "\r\n", take_what_fits, kLimitsBeforeLogin).size() == 2);
    CHECK(frame("a {4097+}\r\n" + std::string(4097, 'x') + "\r\n", take_what_fits, kLimitsBeforeLogin) ==
          Log{"literal 4097+!: a {4097+}"});
  }
}

TEST_CASE("framer: a fault is told once and the rest of the command is skipped") {
  CHECK(frame("a NO\0OP\r\nb NOOP\r\n"s) == Log{"error NUL in command: a NO", "command b NOOP"});
  CHECK(frame("a NO\0\0 {3}\r\nb NOOP\r\n"s) == Log{"error NUL in command: a NO", "command b NOOP"});
  CHECK(frame("a NO\rOP\r\nb NOOP\r\n") == Log{"error CR without LF: a NO", "command b NOOP"});
  CHECK(frame("a NO\r\r\nb NOOP\r\n") == Log{"error CR without LF: a NO", "command b NOOP"});
  // The octets of its non-synchronising literals are data, whatever they look like.
  CHECK(frame("a NO\0OP {9+}\r\nx NOOP\r\n!{3+}\r\nabc\r\nb NOOP\r\n"s) ==
        Log{"error NUL in command: a NO", "command b NOOP"});
  const std::string longer(100'000, '(');
  CHECK(frame("a NOOP " + longer + "\r\nb NOOP\r\n") ==
        Log{"error Line too long: a NOOP (((((((((((((", "command b NOOP"});
  CHECK(frame("a NOOP " + longer + " {9+}\r\nx NOOP\r\n!\r\nb NOOP\r\n") ==
        Log{"error Line too long: a NOOP (((((((((((((", "command b NOOP"});
}

TEST_CASE("framer: endless lines and literals stay within bounds") {
  for (const char c : {'(', ')', '{', '\0', '\r'}) {
    Recorder recorder(kLimitsBeforeLogin);
    recorder.feed("a NOOP ");
    for (int i = 0; i < 100; ++i) recorder.feed(std::string(10'000, c));
    CHECK(recorder.log.size() == 1);
    CHECK(recorder.most_memory <= 2 * kLimitsBeforeLogin.line + 64);
  }
  Recorder recorder(kLimitsAfterLogin);
  recorder.feed("a X");
  for (int i = 0; i < 100'000; ++i) recorder.feed(" {128+}\r\n" + std::string(128, 'x'));
  CHECK(recorder.log.size() <= 1001);
  CHECK(recorder.most_memory <= 2 * (kLimitsAfterLogin.literals_total + kLimitsAfterLogin.line));
  recorder.feed("\r\nb NOOP\r\n");
  CHECK(recorder.log.back() == "command b NOOP");
  // An idle connection gives the memory of a large command back.
  CHECK(recorder.framer.memory() < 4096);
}

TEST_CASE("framer: a literal can be streamed") {
  const Chooser stream = [](const Framer&) { return Choice::stream; };
  const std::string message = "Subject: x\r\n\r\n{5}\r\n\0.\r\n"s;
  const std::string size = std::to_string(message.size());
  CHECK(frame("a APPEND x {" + size + "}\r\n" + message + "\r\nb NOOP\r\n", stream) ==
        Log{"literal " + size + ": a APPEND x {" + size + "}", "streamed " + message, "command ", "command b NOOP"});
  // Several in one command: what stands between them is text of its own.
  CHECK(frame("a APPEND x {1+}\r\nA (\\Seen) {0}\r\n {2}\r\nBB)\r\n", stream) ==
        Log{"literal 1+: a APPEND x {1+}", "streamed A", "literal 0:  (\\Seen) {0}", "streamed ", "literal 2:  {2}",
            "streamed BB", "command )"});
  // Neither size nor number is limited, and memory does not grow.
  Recorder recorder(kSmall, stream);
  recorder.feed("a APPEND x {1000000}\r\n");
  for (int i = 0; i < 1000; ++i) recorder.feed(std::string(1000, 'x'));
  for (int i = 0; i < 100; ++i) recorder.feed(" {3}\r\nabc");
  recorder.feed("\r\n");
  CHECK(recorder.log.back() == "command ");
  CHECK(recorder.most_memory < 100);
}

TEST_CASE("framer: a literal waits for a decision, whatever is fed meanwhile") {
  Framer framer(kLimitsAfterLogin);
  std::string_view octets = "a APPEND x ~{2+}\r\nab\r\nb NOOP\r\n";
  REQUIRE(framer.feed(octets) == Event::literal);
  CHECK(framer.undecided());
  CHECK(framer.literal().literal8);
  CHECK(octets == "ab\r\nb NOOP\r\n");
  framer.stream();
  CHECK_FALSE(framer.undecided());
  REQUIRE(framer.feed(octets) == Event::piece);
  CHECK(framer.piece() == "ab");
  REQUIRE(framer.feed(octets) == Event::streamed);
  REQUIRE(framer.feed(octets) == Event::command);
  CHECK(framer.text().empty());
  REQUIRE(framer.feed(octets) == Event::command);
  CHECK(framer.text() == "b NOOP");

  // None is a refusal.
  octets = "c APPEND x {2+}\r\n";
  REQUIRE(framer.feed(octets) == Event::literal);
  REQUIRE(framer.feed(octets) == Event::more);
  CHECK_FALSE(framer.undecided());
  octets = "cd\r\nd NOOP\r\n";
  REQUIRE(framer.feed(octets) == Event::command);
  CHECK(framer.text() == "d NOOP");
}

TEST_CASE("framer: a literal can be refused") {
  const Chooser refuse = [](const Framer&) { return Choice::refuse; };
  CHECK(frame("a APPEND x {10}\r\nb NOOP\r\n", refuse) == Log{"literal 10: a APPEND x {10}", "command b NOOP"});
  // The client sends it all the same: its octets, and the rest of the command with further literals, are
  // thrown away.
  CHECK(frame("a APPEND x {9+}\r\nx NOOP\r\n! {2+}\r\n\r\n\r\nb NOOP\r\n", refuse) ==
        Log{"literal 9+: a APPEND x {9+}", "command b NOOP"});
  // A synchronising one behind it is not sent any more.
  CHECK(frame("a APPEND x {1+}\r\n! {2}\r\nb NOOP\r\n", refuse) ==
        Log{"literal 1+: a APPEND x {1+}", "command b NOOP"});
}

TEST_CASE("framer: line mode knows no literals, and what follows in the same packet is a command again") {
  Framer framer(kLimitsAfterLogin);
  std::string_view octets = "a IDLE\r\nDONE\r\nb SELECT INBOX\r\n{5}\r\n";
  REQUIRE(framer.feed(octets) == Event::command);
  framer.set_line_mode(true);
  REQUIRE(framer.feed(octets) == Event::line);
  CHECK(framer.text() == "DONE");
  framer.set_line_mode(false);
  REQUIRE(framer.feed(octets) == Event::command);
  CHECK(framer.text() == "b SELECT INBOX");
  framer.set_line_mode(true);
  REQUIRE(framer.feed(octets) == Event::line);
  CHECK(framer.text() == "{5}");
  octets = "dGVzdA=\rx\r\n*\r\n";
  REQUIRE(framer.feed(octets) == Event::error);
  REQUIRE(framer.feed(octets) == Event::line);
  CHECK(framer.text() == "*");
}

TEST_CASE("framer: nothing behind a command is touched") {
  Framer framer(kLimitsBeforeLogin);
  std::string_view octets = "a STARTTLS\r\nb LOGIN x y\r\n";
  REQUIRE(framer.feed(octets) == Event::command);
  CHECK(octets == "b LOGIN x y\r\n");
}
