#include "pop3/command.h"

#include <catch2/catch.hpp>
#include <string>

using namespace postfach::pop3;

namespace {

Command good(std::string_view line) {
  const ParsedCommand parsed = parse_command(line);
  INFO(line << ": " << parsed.problem);
  REQUIRE(parsed.command);
  return *parsed.command;
}

std::string_view problem(std::string_view line) {
  const ParsedCommand parsed = parse_command(line);
  INFO(line);
  CHECK_FALSE(parsed.command);
  return parsed.problem;
}

}  // namespace

TEST_CASE("keywords have no case and blanks at the end do not count") {
  CHECK(good("NOOP").verb == Verb::noop);
  CHECK(good("sTaT").verb == Verb::stat);
  CHECK(good("QUIT ").verb == Verb::quit);
  CHECK(good("capa \t ").verb == Verb::capa);
  CHECK(good("RETR 1  ").message == 1U);
}

TEST_CASE("message numbers") {
  struct Row {
    std::string_view line;
    std::uint32_t number;
  };
  const auto row = GENERATE(Row{"RETR 1", 1}, Row{"DELE 4294967294", 4294967294U}, Row{"LIST 2", 2}, Row{"UIDL 3", 3},
                            Row{"RETR 0", 0}, Row{"RETR 007", 7}, Row{"RETR 4294967296", UINT32_MAX},
                            Row{"RETR 99999999999999999999999999999999", UINT32_MAX}, Row{"RETR  5", 5});
  INFO(row.line);
  CHECK(good(row.line).message == row.number);
}

TEST_CASE("LIST and UIDL go without a number") {
  CHECK_FALSE(good("LIST").message);
  CHECK_FALSE(good("LIST ").message);
  CHECK_FALSE(good("UIDL").message);
}

TEST_CASE("arguments of TOP") {
  CHECK(good("TOP 3 0").message == 3U);
  CHECK(good("TOP 3 0").lines == 0);
  CHECK(good("TOP 3 10").lines == 10);
  CHECK(good("TOP 3 99999999999999999999999").lines == UINT64_MAX);
}

TEST_CASE("names and passwords") {
  CHECK(good("USER mrose").text == "mrose");
  CHECK(good("USER mrose@example.org ").text == "mrose@example.org");
  CHECK(good("USER m\xC3\xBCller meier").text == "m\xC3\xBCller meier");
  // All behind the first blank is the password (RFC 1939 §7).
  CHECK(good("PASS a b ").text == "a b ");
  CHECK(good("PASS  leading").text == " leading");
}

TEST_CASE("arguments of AUTH") {
  CHECK(good("AUTH").text.empty());
  CHECK(good("AUTH ").text.empty());
  CHECK(good("auth plain").text == "plain");
  CHECK_FALSE(good("AUTH PLAIN").initial_response);
  CHECK(good("AUTH PLAIN AGE=").initial_response == "AGE=");
  CHECK(good("AUTH PLAIN =").initial_response == "=");
  CHECK(good("AUTH PLAIN " + std::string(4000, 'A')).initial_response->size() == 4000);
}

TEST_CASE("what is no command") {
  const auto line = GENERATE(as<std::string>(), "", " ", "\t", "X", "STATS", "STA", "NOOP1", " NOOP", "LAST", "UTF",
                             "XTND XMIT", "GET / HTTP/1.1", "\xFF\xFE", std::string("NOOP\0", 5));
  CHECK(problem(line) == "Unknown command");
}

TEST_CASE("wrong arguments") {
  struct Row {
    std::string line;
    std::string_view problem;
  };
  const auto row = GENERATE(
      Row{"NOOP 1", "Unexpected argument"}, Row{"QUIT now", "Unexpected argument"},
      Row{"STAT 1", "Unexpected argument"}, Row{"STLS x", "Unexpected argument"},
      Row{"RETR", "Message number expected"}, Row{"RETR ", "Message number expected"},
      Row{"RETR -1", "Message number expected"}, Row{"RETR +1", "Message number expected"},
      Row{"RETR 1x", "Message number expected"}, Row{"RETR 0x1", "Message number expected"},
      Row{"RETR 1 2", "Unexpected argument"}, Row{"DELE 1,2", "Message number expected"},
      Row{"LIST a", "Message number expected"}, Row{"UIDL 1 2", "Unexpected argument"},
      Row{"TOP", "Message number expected"}, Row{"TOP 1", "Number of lines expected"},
      Row{"TOP 1 -1", "Number of lines expected"}, Row{"TOP 1 1 1", "Unexpected argument"},
      Row{"USER", "Name expected"}, Row{"USER  ", "Name expected"}, Row{"USER a\x01", "Bad character in name"},
      Row{"USER \xFF", "Bad character in name"}, Row{"PASS", "Password expected"}, Row{"PASS ", "Password expected"},
      Row{std::string("PASS a\0b", 8), "Bad character in password"}, Row{"AUTH PLAIN a b", "Unexpected argument"});
  INFO(row.line);
  CHECK(problem(row.line) == row.problem);
}

TEST_CASE("a line has at most 255 octets with its CRLF, but for AUTH") {
  CHECK(good("PASS " + std::string(248, 'p')).text.size() == 248);
  CHECK(problem("PASS " + std::string(249, 'p')) == "Command line too long");
  CHECK(problem("RETR " + std::string(300, '1')) == "Command line too long");
}
