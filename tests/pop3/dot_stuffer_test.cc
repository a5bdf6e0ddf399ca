#include "pop3/dot_stuffer.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace postfach::pop3;

namespace {

std::string stuffed(std::string_view message, std::size_t piece) {
  DotStuffer stuffer;
  std::string out;
  for (std::size_t at = 0; at < message.size(); at += piece) stuffer.write(message.substr(at, piece), out);
  stuffer.finish(out);
  return out;
}

std::string top(std::string_view message, std::uint64_t lines, std::size_t piece) {
  TopLimit limit(lines);
  std::string out;
  for (std::size_t at = 0; at < message.size() && !limit.is_reached(); at += piece) {
    const std::string_view octets = message.substr(at, piece);
    out += octets.substr(0, limit.take(octets));
  }
  return out;
}

// What a client does that follows RFC 1939 §3 to the letter; nothing if the reply does not end where it
// should.
std::string unstuffed(std::string_view reply) {
  std::string message;
  while (true) {
    const std::size_t end = reply.find("\r\n");
    if (end == std::string_view::npos) return "no end";
    std::string_view line = reply.substr(0, end + 2);
    reply.remove_prefix(end + 2);
    if (line == ".\r\n") return reply.empty() ? message : "early end";
    if (line.starts_with('.')) line.remove_prefix(1);
    message += line;
  }
}

}  // namespace

TEST_CASE("dot-stuffing") {
  struct Row {
    std::string message;
    std::string reply;
  };
  const auto row = GENERATE(Row{"a\r\n", "a\r\n.\r\n"},                       //
                            Row{".\r\n", "..\r\n.\r\n"},                      // a dot alone, first
                            Row{"a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"},  // a dot alone, within
                            Row{"a\r\n..b\r\n", "a\r\n...b\r\n.\r\n"},        // dots in front
                            Row{"a.\r\nb.c\r\n", "a.\r\nb.c\r\n.\r\n"},       // dots elsewhere
                            Row{"a", "a\r\n.\r\n"},                           // no line end at the end
                            Row{"a\r\n.", "a\r\n..\r\n.\r\n"},                //
                            Row{"a\r", "a\r\r\n.\r\n"},                       // a bare CR is no line end
                            Row{"a\n", "a\n\r\n.\r\n"},                       // nor is a bare LF
                            Row{"a\r\n\r\n\r\n", "a\r\n\r\n\r\n.\r\n"},       // empty lines at the end
                            Row{"a\n.b\r\n", "a\n.b\r\n.\r\n"},       // behind a bare LF only a dot alone is dangerous
                            Row{"a\n.\nb\r\n", "a\n..\nb\r\n.\r\n"},  //
                            Row{"a\n.\r\nb\r\n", "a\n..\r\nb\r\n.\r\n"},   //
                            Row{"a\n.\rb\r\n", "a\n.\rb\r\n.\r\n"},        //
                            Row{"a\n.", "a\n..\r\n.\r\n"},                 //
                            Row{"a\n.\r", "a\n.\r\r\n.\r\n"},              //
                            Row{"a\n..\n", "a\n..\n\r\n.\r\n"},            //
                            Row{"a\n\n.\n.\n", "a\n\n..\n..\n\r\n.\r\n"},  //
                            Row{"a\r.\r\n", "a\r.\r\n.\r\n"},              //
                            Row{"\n.\r\n.\r\n", "\n..\r\n..\r\n.\r\n"},    //
                            Row{std::string("\0\r\n.\0\xFF\r\n", 8), std::string("\0\r\n..\0\xFF\r\n.\r\n", 12)});
  const std::size_t piece = GENERATE(1U, 2U, 3U, 1000U);
  CAPTURE(row.message, piece);
  CHECK(stuffed(row.message, piece) == row.reply);
}

TEST_CASE("a client gets back every message without a bare LF, however it was cut") {
  std::minstd_rand random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string message;
    for (auto parts = 1 + random() % 12; parts > 0; --parts) {
      constexpr std::string_view pieces[] = {".", "..", "a", "\r\n", "\r\n.", "\r", ".\r\n"};
      message += pieces[random() % std::size(pieces)];
    }
    const std::string reply = stuffed(message, 1 + random() % 5);
    std::string expected = message;
    if (!message.ends_with("\r\n")) expected += "\r\n";
    CAPTURE(message);
    REQUIRE(unstuffed(reply) == expected);
  }
}

TEST_CASE("no reply looks finished early to a client that takes a bare LF for a line end") {
  std::minstd_rand random(8);
  for (int round = 0; round < 2000; ++round) {
    std::string message;
    for (auto parts = 1 + random() % 12; parts > 0; --parts) {
      constexpr std::string_view pieces[] = {".", "a", "\r\n", "\n", "\n.", "\n.\r\n", "\n.\n"};
      message += pieces[random() % std::size(pieces)];
    }
    std::string reply = stuffed(message, 1 + random() % 5);
    REQUIRE(reply.ends_with("\n.\r\n"));
    reply.insert(0, "\n");
    CAPTURE(message);
    CHECK(reply.find("\n.\r\n") == reply.size() - 4);
    CHECK(reply.find("\n.\n") == std::string::npos);
  }
}

TEST_CASE("TOP ends behind the empty line and so many lines") {
  struct Row {
    std::string message;
    std::uint64_t lines;
    std::string top;
  };
  const auto row =
      GENERATE(Row{"A: b\r\nC: d\r\n\r\n1\r\n2\r\n3\r\n", 0, "A: b\r\nC: d\r\n\r\n"},
               Row{"A: b\r\nC: d\r\n\r\n1\r\n2\r\n3\r\n", 2, "A: b\r\nC: d\r\n\r\n1\r\n2\r\n"},
               Row{"A: b\r\n\r\n1\r\n\r\n\r\n2\r\n", 3, "A: b\r\n\r\n1\r\n\r\n\r\n"},
               Row{"A: b\r\n\r\n1\r\n2", 5, "A: b\r\n\r\n1\r\n2"}, Row{"A: b\r\n\r\n1", UINT64_MAX, "A: b\r\n\r\n1"},
               Row{"A: b\r\n", 1, "A: b\r\n"},                                      // a header alone
               Row{"\r\n1\r\n2\r\n", 1, "\r\n1\r\n"},                               // no header
               Row{"A: b\n\n1\n2\n", 1, "A: b\n\n1\n"},                             // Unix lines
               Row{"A: b\r\n c\r\n \r\n\r\n1\r\n", 0, "A: b\r\n c\r\n \r\n\r\n"});  // a blank is no empty line
  const std::size_t piece = GENERATE(1U, 2U, 5U, 1000U);
  CAPTURE(row.message, row.lines, piece);
  CHECK(top(row.message, row.lines, piece) == row.top);
}
