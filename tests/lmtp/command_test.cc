#include "lmtp/command.h"

#include <catch2/catch.hpp>

using namespace postfach::lmtp;

namespace {

Command command(std::string_view line) {
  INFO(line);
  ParsedCommand parsed = parse_command(line);
  REQUIRE(parsed.command);
  return *std::move(parsed.command);
}
std::string problem(std::string_view line) {
  INFO(line);
  const ParsedCommand parsed = parse_command(line);
  REQUIRE_FALSE(parsed.command);
  return std::to_string(parsed.problem.code) + " " + std::string(parsed.problem.status);
}

}  // namespace

TEST_CASE("verbs in any case, with blanks at the end") {
  CHECK(command("quit").verb == Verb::quit);
  CHECK(command("Data  ").verb == Verb::data);
  CHECK(command("NOOP whatever it is").verb == Verb::noop);
  CHECK(command("VRFY alice").verb == Verb::vrfy);
  CHECK(command("EHLO x").verb == Verb::helo);
  CHECK(problem("") == "500 5.5.1");
  CHECK(problem("AUTH PLAIN") == "500 5.5.1");
  CHECK(problem("DATA x") == "501 5.5.4");
  CHECK(problem("RSET\tx") == "500 5.5.1");
}

TEST_CASE("LHLO takes names that can stand in a Received field") {
  CHECK(command("LHLO mx_1.example.org").text == "mx_1.example.org");
  CHECK(command("lhlo [IPv6:2001:db8::1]").text == "[IPv6:2001:db8::1]");
  CHECK(command("LHLO b\xC3\xBC"
                "cher.example")
            .text ==
        "b\xC3\xBC"
        "cher.example");
  for (const char* line : {"LHLO", "LHLO a b", "LHLO a;b", "LHLO (x)", "LHLO <x>", "LHLO \"x\"", "LHLO \xFF"}) {
    CHECK(problem(line) == "501 5.5.4");
  }
}

TEST_CASE("MAIL and its parameters") {
  const Command plain = command("MAIL FROM:<bob@example.com>");
  CHECK(plain.path.address == "bob@example.com");
  CHECK(plain.path.is_ascii);
  CHECK(plain.size == 0);
  CHECK(plain.body == Body::seven_bit);
  CHECK_FALSE(plain.is_utf8);

  const Command all = command("mail from: <> body=BinaryMime size=00123 smtputf8");
  CHECK(all.path.address.empty());
  CHECK(all.body == Body::binary);
  CHECK(all.size == 123);
  CHECK(all.is_utf8);
  CHECK(command("MAIL FROM:<> SIZE=99999999999999999999").size == UINT64_MAX);
  CHECK(command("MAIL FROM:<> BODY=8BITMIME").body == Body::eight_bit);

  for (const char* line :
       {"MAIL FROM:<> SIZE", "MAIL FROM:<> SIZE=", "MAIL FROM:<> SIZE=-1", "MAIL FROM:<> SIZE=1 SIZE=1",
        "MAIL FROM:<> BODY=9BIT", "MAIL FROM:<> BODY", "MAIL FROM:<> SMTPUTF8=1"}) {
    CHECK(problem(line) == "501 5.5.4");
  }
  CHECK(problem("MAIL FROM:<> RET=FULL") == "555 5.5.4");
  CHECK(problem("MAIL FROM:<> =x") == "555 5.5.4");
  for (const char* line : {"MAIL", "MAIL FROM", "MAIL FROM:", "MAIL FROM:bob@example.com", "MAIL TO:<bob@example.com>",
                           "MAIL FROM:<bob@example.com", "MAIL FROM:<bob@>", "MAIL FROM:<@example.com>",
                           "MAIL FROM:<bob@example.com>SIZE=1", "MAIL FROM:<b b@example.com>", "MAIL FROM:<a@b@c>"}) {
    CHECK(problem(line) == "501 5.1.7");
  }
}

TEST_CASE("RCPT and addresses of all kinds") {
  const auto address = [](std::string_view path) { return command("RCPT TO:" + std::string(path)).path.address; };
  CHECK(address("<alice+x@example.org>") == "alice+x@example.org");
  CHECK(address("<Postmaster>") == "Postmaster");
  CHECK(address("<\"alice\"@example.org>") == "alice@example.org");
  CHECK(address("<\"al\\ice\"@example.org>") == "alice@example.org");
  CHECK(address("<\"a b\"@example.org>") == "\"a b\"@example.org");
  CHECK(address("<\"a\\\"\\\\>\"@example.org>") == "\"a\\\"\\\\>\"@example.org");
  CHECK(address("<\"\"@example.org>") == "\"\"@example.org");
  CHECK(address("<alice@[192.0.2.1]>") == "alice@[192.0.2.1]");
  CHECK(address("<alice@[IPv6:2001:db8::1]>") == "alice@[IPv6:2001:db8::1]");
  CHECK(address("<@a.example,@[192.0.2.1]:alice@example.org>") == "alice@example.org");
  CHECK(address("<!#$%&'*+-/=?^_`{|}~.@x>") == "!#$%&'*+-/=?^_`{|}~.@x");
  const Command utf8 = command("RCPT TO:<m\xC3\xBCller@b\xC3\xBC.example>");
  CHECK(utf8.path.address == "m\xC3\xBCller@b\xC3\xBC.example");
  CHECK_FALSE(utf8.path.is_ascii);

  for (const char* line :
       {"RCPT TO:<>", "RCPT TO:<\xFF@x>", "RCPT TO:<a\x01@x>", "RCPT TO:<\"a\x01\"@x>", "RCPT TO:<\"a@x>",
        "RCPT TO:<\"a\\", "RCPT TO:<a@[x>", "RCPT TO:<a@[]>", "RCPT TO:<@a,b:c@d>", "RCPT TO:<a@b>>"}) {
    CHECK(problem(line) == "501 5.1.3");
  }
  CHECK(problem("RCPT TO:<a@b> NOTIFY=NEVER") == "555 5.5.4");
}

TEST_CASE("BDAT") {
  CHECK(command("BDAT 12").chunk_size == 12);
  CHECK_FALSE(command("BDAT 12").is_last);
  CHECK(command("bdat 0 last").is_last);
  CHECK(command("BDAT 99999999999999999999").chunk_size == UINT64_MAX);
  for (const char* line : {"BDAT", "BDAT x", "BDAT -1", "BDAT 1 LAS", "BDAT 1 LAST x"}) {
    CHECK(problem(line) == "501 5.5.4");
    CHECK(parse_command(line).is_out_of_step);
  }
}
