#include "protocol/sasl.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/base64.h"

namespace postfach::protocol {
namespace {

using Step = SaslExchange::Step;
using namespace std::string_literals;

std::string b64(std::string_view text) { return base::base64_encode(text); }

std::optional<SaslExchange> begin(std::string_view name) {
  static const BearerTokens none;
  const auto mechanism = find_mechanism(name);
  if (!mechanism) return std::nullopt;
  return SaslExchange(*mechanism, none);
}

TEST_CASE("mechanisms are found whatever their case, others are not") {
  for (const char* name : {"PLAIN", "plain", "Login"}) CHECK(begin(name));
  for (const char* name : {"", "PLAI", "PLAIN ", "CRAM-MD5", "ANONYMOUS"}) CHECK_FALSE(begin(name));
  for (const Mechanism mechanism : kMechanisms) CHECK(find_mechanism(name_of(mechanism)) == mechanism);
}

TEST_CASE("PLAIN messages") {
  const std::string most(255, 'x');
  struct Row {
    std::string response;  // as sent
    Step step;
    std::string login = {};
    std::string password = {};
    std::string authorize_as = {};
  };
  const Row rows[] = {
      {b64("\0tim\0tanstaaftanstaaf"s), Step::credentials, "tim", "tanstaaftanstaaf", ""},
      {b64("Ursel\0Kurt\0xipj3plmq"s), Step::credentials, "Kurt", "xipj3plmq", "Ursel"},
      {b64("\0j\xC3\xBCrgen\0gr\xC3\xBC\xC3\x9F"s), Step::credentials, "j\xC3\xBCrgen", "gr\xC3\xBC\xC3\x9F", ""},
      {b64(most + '\0' + most + '\0' + most), Step::credentials, most, most, most},
      {"", Step::rejected},
      {b64("tim"s), Step::rejected},
      {b64("tim\0secret"s), Step::rejected},
      {b64("\0\0secret"s), Step::rejected},
      {b64("\0tim\0"s), Step::rejected},
      {b64("\0tim\0sec\0ret"s), Step::rejected},
      {b64("\0t\xFFm\0secret"s), Step::rejected},
      {b64("\0tim\0s\xC3"s), Step::rejected},
      {b64("\xC0\xAF\0tim\0secret"s), Step::rejected},
      {"AHRpbQBzZWNyZXQ", Step::bad_encoding},    // no padding
      {"AHRpbQBz ZWNyZXQ=", Step::bad_encoding},  // blank
      {"AHRp=QBzZWNyZXQ=", Step::bad_encoding},   // padding inside
      {"=", Step::bad_encoding},                  // only an initial response may be "="
      {"*x", Step::bad_encoding},
      {"*", Step::aborted},
      {b64(std::string(6144, 'x')), Step::rejected},  // as long as it may be
      {b64(std::string(6145, 'x')), Step::bad_encoding},
      {std::string(1'000'000, 'A'), Step::bad_encoding},
  };
  for (const Row& row : rows) {
    INFO(row.response.substr(0, 80));
    auto exchange = begin("PLAIN");
    REQUIRE(exchange->start() == Step::challenge);
    CHECK(exchange->challenge().empty());
    REQUIRE(exchange->respond(row.response) == row.step);
    if (row.step != Step::credentials) {
      // Nothing that follows can bring it back to life.
      CHECK(exchange->respond(b64("\0tim\0secret"s)) != Step::credentials);
      continue;
    }
    const Credentials& credentials = exchange->credentials();
    CHECK(credentials.login == row.login);
    CHECK(credentials.password == row.password);
    CHECK(credentials.authorize_as == row.authorize_as);
    CHECK(credentials.mechanism == "PLAIN");
  }
}

TEST_CASE("PLAIN with an initial response") {
  auto exchange = begin("PLAIN");
  REQUIRE(exchange->start(b64("\0tim\0secret"s)) == Step::credentials);
  CHECK(exchange->credentials().login == "tim");

  CHECK(begin("PLAIN")->start("=") == Step::rejected);
  CHECK(begin("PLAIN")->start("*") == Step::bad_encoding);
}

TEST_CASE("LOGIN asks for the name and for the password") {
  auto exchange = begin("LOGIN");
  REQUIRE(exchange->start() == Step::challenge);
  CHECK(base::base64_decode(exchange->challenge()) == "Username:");
  REQUIRE(exchange->respond(b64("tim")) == Step::challenge);
  CHECK(base::base64_decode(exchange->challenge()) == "Password:");
  REQUIRE(exchange->respond(b64("secret")) == Step::credentials);
  const Credentials& credentials = exchange->credentials();
  CHECK(credentials.login == "tim");
  CHECK(credentials.password == "secret");
  CHECK(credentials.authorize_as.empty());

  SECTION("the name may come as the initial response") {
    auto with_name = begin("LOGIN");
    REQUIRE(with_name->start(b64("tim")) == Step::challenge);
    CHECK(base::base64_decode(with_name->challenge()) == "Password:");
    REQUIRE(with_name->respond(b64("secret")) == Step::credentials);
    CHECK(with_name->credentials().login == "tim");
  }
}

TEST_CASE("LOGIN can fail at each step") {
  struct Row {
    std::vector<std::string> responses;
    Step step;
  };
  const Row rows[] = {
      {{"*"}, Step::aborted},
      {{b64("tim"), "*"}, Step::aborted},
      {{""}, Step::rejected},
      {{b64("tim"), ""}, Step::rejected},
      {{"t!m="}, Step::bad_encoding},
      {{b64("tim"), "secret"}, Step::bad_encoding},
      {{b64("t\0m"s)}, Step::rejected},
      {{b64("tim"), b64("sec\0ret"s)}, Step::rejected},
      {{b64("\xE4")}, Step::rejected},
      {{b64("tim"), b64("\xE4")}, Step::rejected},
      {{b64("tim"), std::string(9000, 'A')}, Step::bad_encoding},
  };
  for (const Row& row : rows) {
    auto exchange = begin("LOGIN");
    Step step = exchange->start();
    for (const std::string& response : row.responses) {
      REQUIRE(step == Step::challenge);
      step = exchange->respond(response);
    }
    INFO(row.responses.back().substr(0, 80));
    CHECK(step == row.step);
    CHECK(exchange->respond(b64("secret")) == Step::rejected);
    CHECK(exchange->credentials().password.empty());
  }
}

}  // namespace
}  // namespace postfach::protocol
