// AUTH with SCRAM and tokens.
#include "base/base64.h"
#include "pop3/fixture.h"
#include "protocol/scram_client.h"

using namespace postfach;
using namespace postfach::test;

namespace {

std::string b64(std::string_view text) { return base::base64_encode(text); }

std::string challenge_in(const std::string& output) {
  const std::size_t at = output.rfind("+ ");
  REQUIRE(at != std::string::npos);
  return base::base64_decode(output.substr(at + 2, output.size() - at - 4)).value();
}

std::string scram(protocol::Session& session, ScramClient client) {
  const std::string plus = client.header.starts_with("p=") ? "-PLUS " : " ";
  std::string output = talk(session, "AUTH SCRAM-SHA-256" + plus + b64(client.first()) + "\r\n");
  if (!output.starts_with("+ ")) return output;
  output = talk(session, b64(client.final(challenge_in(output))) + "\r\n");
  if (!output.starts_with("+ ")) return output;
  CHECK(challenge_in(output) == client.expected);
  return talk(session, "\r\n");
}

}  // namespace

TEST_CASE("AUTH SCRAM-SHA-256 and -PLUS") {
  World world;
  world.peer.tls->exporter = std::string(32, 'E');
  world.options.login_delay = std::chrono::milliseconds(0);
  world.options.login_attempts = 100;
  world.begin();
  // Unless the host wants it: mutt with GSASL would get stuck.
  CHECK(talk(*world.session(), "CAPA\r\n").find("SASL PLAIN LOGIN SCRAM-SHA-256\r\n") != std::string::npos);
  world.options.mechanisms_off = {};
  const std::string refused = "-ERR [AUTH] Wrong name or password\r\n";
  const ScramClient right{.user = "mrose", .password = "secret"};
  const ScramClient plus{
      .user = "mrose", .password = "secret", .header = "p=tls-exporter,,", .binding = std::string(32, 'E')};
  {
    const auto session = world.session();
    CHECK(talk(*session, "CAPA\r\n").find("SASL PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS\r\n") !=
          std::string::npos);
    CHECK(scram(*session, {.user = "mrose", .password = "wrong"}) == refused);
    CHECK(scram(*session, {.user = "frated", .password = "secret"}) == refused);
    CHECK(scram(*session, {.user = "mrose", .password = "secret", .header = "y,,"}) == refused);
    CHECK(scram(*session, {.user = "mrose", .password = "secret", .header = "p=tls-exporter,,"}) == refused);
    CHECK(talk(*session, "AUTH SCRAM-SHA-256 " + b64(right.first()) + "\r\n").starts_with("+ "));
    CHECK(talk(*session, "*\r\n") == "-ERR Login cancelled\r\n");
    CHECK(talk(*session, "AUTH SCRAM-SHA-256\r\n") == "+ \r\n");
    CHECK(talk(*session, b64(right.first()) + "\r\n").starts_with("+ "));
    CHECK(talk(*session, "!\r\n") == "-ERR Bad base64\r\n");
    CHECK(talk(*session, "AUTH SCRAM-SHA-256 " + b64(right.first()) + "\r\n").starts_with("+ "));
    CHECK(talk(*session, std::string(9000, 'A') + "\r\n") == "-ERR Line too long\r\n");
    CHECK(scram(*session, plus) == "+OK Maildrop has 0 messages (0 octets)\r\n");
  }
  const auto session = world.session();
  talk(*session, "");
  CHECK(scram(*session, right) == "+OK Maildrop has 0 messages (0 octets)\r\n");
}

TEST_CASE("AUTH: what the host switched off is not offered") {
  World world;
  world.options.mechanisms_off = {"scram-sha-256", "LOGIN"};
  world.check(R"(
    S: +OK POP3 server ready
    C: AUTH
    S: +OK Mechanisms follow
    S: PLAIN
    S: .
    C: AUTH LOGIN
    S: -ERR No such mechanism
    C: AUTH SCRAM-SHA-256
    S: -ERR No such mechanism
  )");
}

TEST_CASE("AUTH OAUTHBEARER and XOAUTH2") {
  World world;
  world.options.tokens = {.accepted = true, .scope = "mail"};
  world.options.authenticator = [&](const Credentials& credentials, const AuthReply& reply) {
    if (credentials.token == "good") return reply(*world.account);
    reply(Error{Errc::auth_failed, "no such token"});
  };
  world.check("S: +OK POP3 server ready\nC: AUTH OAUTHBEARER " + b64("n,a=mrose,\1auth=Bearer bad\1\1") + "\nS: + " +
              b64(R"({"status":"invalid_token","scope":"mail"})") + R"(
    C: AQ==
    ! want wait
    ! deadline
    S: -ERR [AUTH] Wrong name or password
    C: AUTH XOAUTH2
    S: +\x20
    C: )" + b64("user=mrose\1auth=Bearer good\1\1") +
              "\nS: +OK Maildrop has 0 messages (0 octets)\n");
  world.check(R"(
    S: +OK POP3 server ready
    C: CAPA
    S~ +OK *
    S: TOP
    S: UIDL
    S: USER
    S: SASL PLAIN LOGIN XOAUTH2 OAUTHBEARER
    S~ ...
    S: .
  )");
}
