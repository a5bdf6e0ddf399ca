#include "protocol/oauth.h"

#include <catch2/catch.hpp>
#include <string>

namespace postfach::protocol {
namespace {

using namespace std::string_literals;

TEST_CASE("OAUTHBEARER messages") {
  struct Row {
    std::string message;
    TokenProblem problem;
    std::string login = {};
    std::string token = {};
    std::string host = {};
    unsigned port = 0;
  };
  constexpr auto good = TokenProblem::none;
  constexpr auto bad = TokenProblem::malformed;
  const Row rows[] = {
      // RFC 7628 §4.1
      {"n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer "
       "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1",
       good, "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "server.example.com", 143},
      {"n,,\1auth=Bearer a.b-c_d~e+f/g\1\1", good, "", "a.b-c_d~e+f/g"},
      {"y,,\1auth=bEARER   x\1\1", good, "", "x"},
      {"n,a=a=2Cb=3D,\1auth=Bearer x\1\1", good, "a,b=", "x"},
      {"n,,\1mthd=POST\1auth=Bearer x\1unknown=\1\1", good, "", "x"},
      {"n,a=u,\1auth=\1\1", TokenProblem::no_token, "u"},
      {"n,a=u,\1host=h\1\1", bad},
      {"\1", bad},
      {"", bad},
      {"n,,", bad},
      {"n,,\1\1", bad},
      {"n,,\1auth=Bearer x\1", bad},
      {"n,,\1auth=Bearer x", bad},
      {"n,,\1auth=Bearer x\1\1x", bad},
      {"n,,\1auth=Bearer x\1auth=Bearer y\1\1", bad},
      {"n,,\1auth=Basic x\1\1", bad},
      {"n,,\1auth=Bearer\1\1", bad},
      {"n,,\1auth=Bearer \1\1", bad},
      {"n,,\1auth=Bearer x y\1\1", bad},
      {"n,,\1auth=Bearer =\1\1", bad},
      {"n,,\1auth=Bearer x=y\1\1", bad},
      {"n,,\1auth=Bearer x\r\nX: y\1\1", bad},
      {"n,,\1port=0\1auth=Bearer x\1\1", bad},
      {"n,,\1port=0143\1auth=Bearer x\1\1", bad},
      {"n,,\1port=65536\1auth=Bearer x\1\1", bad},
      {"n,,\1port=-1\1auth=Bearer x\1\1", bad},
      {"n,,\1=x\1auth=Bearer x\1\1", bad},
      {"n,,\1k2=x\1auth=Bearer x\1\1", bad},
      {"n,,\1host=a\0b\1auth=Bearer x\1\1"s, bad},
      {"n,,\1host=\xFF\1auth=Bearer x\1\1", bad},
      {"n,a=,\1auth=Bearer x\1\1", bad},
      {"n,b=u,\1auth=Bearer x\1\1", bad},
      {"n,a=u,x,\1auth=Bearer x\1\1", bad},
      {"n,a=u\1auth=Bearer x\1\1", bad},
      {"n,a=u=,\1auth=Bearer x\1\1", bad},
      {"p=tls-exporter,,\1auth=Bearer x\1\1", bad},
      {"a=u,\1auth=Bearer x\1\1", bad},
      {"n\1auth=Bearer x\1\1", bad},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    Credentials credentials;
    REQUIRE(parse_oauthbearer(row.message, credentials) == row.problem);
    if (row.problem == bad) continue;
    CHECK(credentials.login == row.login);
    CHECK(credentials.authorize_as == row.login);
    CHECK(credentials.token == row.token);
    CHECK(credentials.host == row.host);
    CHECK(credentials.port == row.port);
    CHECK(credentials.password.empty());
  }
}

TEST_CASE("XOAUTH2 messages") {
  Credentials credentials;
  REQUIRE(parse_xoauth2("user=someuser@example.com\1auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1",
                        credentials) == TokenProblem::none);
  CHECK(credentials.login == "someuser@example.com");
  CHECK(credentials.token == "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
  CHECK(credentials.authorize_as.empty());
  CHECK(parse_xoauth2("user=u\1auth=\1\1", credentials) == TokenProblem::no_token);
  for (const std::string& message :
       {"user=\1auth=Bearer x\1\1"s, "user=u\1auth=Bearer x\1"s, "auth=Bearer x\1user=u\1\1"s, "user=u"s, ""s, "\1"s,
        "user=u\0\1auth=Bearer x\1\1"s, "user=\xFF\1auth=Bearer x\1\1"s, "user=u\1\1"s, "n,,\1auth=Bearer x\1\1"s}) {
    CAPTURE(message);
    CHECK(parse_xoauth2(message, credentials) == TokenProblem::malformed);
  }
}

TEST_CASE("why a token was refused, in JSON") {
  CHECK(oauthbearer_error("invalid_token", {}) == R"({"status":"invalid_token"})");
  CHECK(oauthbearer_error("invalid_token",
                          {.scope = "example_scope",
                           .openid_configuration = "https://example.com/.well-known/openid-configuration"}) ==
        R"({"status":"invalid_token","scope":"example_scope",)"
        R"("openid-configuration":"https://example.com/.well-known/openid-configuration"})");
  CHECK(oauthbearer_error("x", {.scope = "a\"b\\c\n"}) == R"({"status":"x","scope":"a\"b\\c\u000a"})");
  CHECK(xoauth2_error({.scope = "https://mail.example.com/"}) ==
        R"({"status":"400","schemes":"Bearer","scope":"https://mail.example.com/"})");
}

}  // namespace
}  // namespace postfach::protocol
