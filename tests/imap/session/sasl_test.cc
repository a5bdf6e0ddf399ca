// AUTHENTICATE with SCRAM and tokens, logins that wait, and UNAUTHENTICATE.
#include <catch2/catch.hpp>

#include "base/base64.h"
#include "imap/session/world.h"
#include "protocol/scram_client.h"

using namespace postfach;
using namespace postfach::imap::test;
using postfach::test::check_transcript;
using postfach::test::ScramClient;

namespace {

std::string b64(std::string_view text) { return base::base64_encode(text); }

// What is behind "+ " in the last line.
std::string challenge_in(const std::string& output) {
  const std::size_t at = output.rfind("+ ");
  REQUIRE(at != std::string::npos);
  return base::base64_decode(output.substr(at + 2, output.size() - at - 4)).value();
}

// Everything that the server says in answer to the whole exchange.
std::string scram(Client& session, ScramClient client, bool initial_response = true) {
  const std::string command =
      client.header.starts_with("p=") ? "a AUTHENTICATE SCRAM-SHA-256-PLUS" : "a AUTHENTICATE SCRAM-SHA-256";
  std::string output;
  if (initial_response) {
    output = session.send(command + ' ' + b64(client.first()) + "\r\n");
  } else {
    CHECK(session.send(command + "\r\n") == "+ \r\n");
    output = session.send(b64(client.first()) + "\r\n");
  }
  if (!output.starts_with("+ ")) return output;
  output = session.send(b64(client.final(challenge_in(output))) + "\r\n");
  if (!output.starts_with("+ ")) return output;
  CHECK(challenge_in(output) == client.expected);
  return session.send("\r\n");
}

WorldOptions bound() {
  WorldOptions options;
  options.peer.tls->exporter = std::string(32, 'E');
  options.session.login_delay = std::chrono::milliseconds(0);
  options.session.login_attempts = 100;
  return options;
}

WorldOptions with_tokens() {
  WorldOptions options;
  auto alice = std::make_shared<std::optional<Account>>();
  options.prepare = [alice](const Account& account) { *alice = account; };
  options.session.tokens = {.accepted = true, .scope = "mail"};
  options.session.login_attempts = 10;
  options.session.authenticator = [alice](const Credentials& credentials, const AuthReply& reply) {
    if (credentials.token == "good") return reply(**alice);
    reply(Error{Errc::auth_failed, "no such token"});
  };
  return options;
}

}  // namespace

TEST_CASE("AUTHENTICATE SCRAM-SHA-256, with and without an initial response") {
  const WorldOptions options = bound();
  const Store store = make_store(options);
  for (const bool initial_response : {true, false}) {
    Client session(store, options);
    CHECK(scram(session, {.user = "alice", .password = "secret"}, initial_response)
              .starts_with("a OK [CAPABILITY IMAP4rev1 "));
    CHECK(session.send("b NAMESPACE\r\n").ends_with("b OK Namespace completed\r\n"));
  }
}

TEST_CASE("SCRAM-SHA-256-PLUS is offered where the connection can be bound, and bound it is") {
  const WorldOptions options = bound();
  const Store store = make_store(options);
  const std::string refused = "a NO [AUTHENTICATIONFAILED] Wrong name or password\r\n";
  const ScramClient plus{
      .user = "alice", .password = "secret", .header = "p=tls-exporter,,", .binding = std::string(32, 'E')};
  {
    Client session(store, options);
    CHECK(session.send("c CAPABILITY\r\n").find(" AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS\r\n") !=
          std::string::npos);
    ScramClient elsewhere = plus;
    elsewhere.binding = std::string(32, 'M');
    CHECK(scram(session, elsewhere) == refused);
    CHECK(scram(session, {.user = "alice", .password = "secret", .header = "y,,"}) == refused);
    CHECK(scram(session, {.user = "alice", .password = "wrong"}) == refused);
    CHECK(scram(session, {.user = "nobody", .password = "secret"}) == refused);
    CHECK(scram(session, plus).starts_with("a OK "));
  }
  // Masked: what is not offered can't be used, and nobody was lied to.
  WorldOptions masked = options;
  masked.session.capabilities.off = {"auth=scram-sha-256-plus", "AUTH=LOGIN"};
  Client session(store, masked);
  const std::string list = session.send("c CAPABILITY\r\n");
  CHECK(list.find("PLUS") == std::string::npos);
  CHECK(list.find("AUTH=LOGIN") == std::string::npos);
  CHECK(session.send("d AUTHENTICATE LOGIN\r\n") == "d NO [CANNOT] No such authentication mechanism\r\n");
  CHECK(scram(session, plus) == "a NO [CANNOT] No such authentication mechanism\r\n");
  CHECK(scram(session, {.user = "alice", .password = "secret", .header = "y,,"}).starts_with("a OK "));
}

TEST_CASE("SCRAM is not offered while it would turn somebody away") {
  WorldOptions options;
  options.prepare = [](const Account&) {};
  const Store store = make_store(options);
  store.set_password_hash("alice", "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1").value();
  {
    Client session(store, options);
    CHECK(session.send("c CAPABILITY\r\n").find("SCRAM") == std::string::npos);
    CHECK(session.send("a LOGIN alice secret\r\n").starts_with("a OK "));
  }
  Client session(store, options);
  CHECK(session.send("c CAPABILITY\r\n").find("AUTH=SCRAM-SHA-256") != std::string::npos);
  CHECK(scram(session, {.user = "alice", .password = "secret"}).starts_with("a OK "));
}

TEST_CASE("SCRAM that is broken off or malformed harms nobody") {
  WorldOptions options = bound();
  options.session.bad_commands_before_login = 100;
  const Store store = make_store(options);
  Client session(store, options);
  const ScramClient client{.user = "alice", .password = "secret"};
  const auto begin = [&] { return session.send("a AUTHENTICATE SCRAM-SHA-256 " + b64(client.first()) + "\r\n"); };
  for (const char* line : {"*", "!", "AAAA=", "=", "====", "a"}) {
    REQUIRE(begin().starts_with("+ "));
    CHECK(session.send(std::string(line) + "\r\n").starts_with("a BAD "));
  }
  for (const char* line : {"", "AAAA", "Yz1iaXdzLHI9eA=="}) {
    REQUIRE(begin().starts_with("+ "));
    CHECK(session.send(std::string(line) + "\r\n") == "a NO [AUTHENTICATIONFAILED] Wrong name or password\r\n");
  }
  for (const std::string& first : {std::string("="), b64("n,,m=x,n=alice,r=x"), b64("p=tls-exporter,,n=alice,r=x"),
                                   b64(std::string("n,,n=al\0ice,r=x", 15)), b64("n,,n=\xFF,r=x")}) {
    CHECK(session.send("a AUTHENTICATE SCRAM-SHA-256 " + first + "\r\n") ==
          "a NO [AUTHENTICATIONFAILED] Wrong name or password\r\n");
  }
  CHECK(session.send("a AUTHENTICATE SCRAM-SHA-256 " + std::string(9000, 'A') + "\r\n").find("a BAD ") !=
        std::string::npos);
  REQUIRE(begin().starts_with("+ "));
  CHECK(session.send(std::string(9000, 'A') + "\r\n").starts_with("a BAD "));
  CHECK(scram(session, client).starts_with("a OK "));
}

TEST_CASE("OAUTHBEARER and XOAUTH2") {
  check_transcript(
      "S~ * OK [CAPABILITY * AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 AUTH=OAUTHBEARER] *\nC: a AUTHENTICATE OAUTHBEARER " +
          b64("n,a=alice,\1host=mail.example.org\1port=993\1auth=Bearer good\1\1") +
          "\nS~ a OK [CAPABILITY *] Logged in\n",
      imap_transcript(with_tokens()));
  check_transcript("S~ ...\nC: a AUTHENTICATE XOAUTH2\nS: +\\x20\nC: " + b64("user=alice\1auth=Bearer good\1\1") +
                       "\nS~ a OK [CAPABILITY *] Logged in\n",
                   imap_transcript(with_tokens()));
}

TEST_CASE("a token that is refused") {
  const std::string why = b64(R"({"status":"invalid_token","scope":"mail"})");
  check_transcript("S~ ...\nC: a AUTHENTICATE OAUTHBEARER " + b64("n,a=alice,\1auth=Bearer bad\1\1") + "\nS: + " + why +
                       R"(
      C: AQ==
      ! want wait
      ! after 2
      S: a NO [AUTHENTICATIONFAILED] Wrong name or password
      C: b AUTHENTICATE XOAUTH2 )" +
                       b64("user=alice\1auth=Bearer bad\1\1") + "\n S: + " +
                       b64(R"({"status":"400","schemes":"Bearer","scope":"mail"})") + R"(
      C:
      ! after 4
      S: b NO [AUTHENTICATIONFAILED] Wrong name or password
      C: c AUTHENTICATE XOAUTH2 )" +
                       b64("user=alice\1auth=Bearer bad\1\1") + R"(
      S~ + *
      C: *
      ! after 8
      S: c BAD Authentication aborted
      C: d AUTHENTICATE OAUTHBEARER AQ==
      S~ + *
      C: AQ==
      ! after 16
      S: d NO [AUTHENTICATIONFAILED] Wrong name or password
      C: e AUTHENTICATE OAUTHBEARER )" +
                       b64("n,,\1auth=Bearer good\1\1") + "\nS~ e OK *\n",
                   imap_transcript(with_tokens()));
}

TEST_CASE("tokens and EXTERNAL are not offered where nobody verifies them") {
  check_transcript(R"(
    S~ * OK [CAPABILITY * AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256] *
    C: a AUTHENTICATE OAUTHBEARER
    S~ a NO [CANNOT] *
    C: b AUTHENTICATE XOAUTH2 AAAA
    S~ b NO [CANNOT] *
    C: c AUTHENTICATE EXTERNAL =
    S~ c NO [CANNOT] *
    C: d AUTHENTICATE SCRAM-SHA-256-PLUS
    S~ d NO [CANNOT] *
    C: e AUTHENTICATE SCRAM-SHA-1
    S~ e NO [CANNOT] *
  )",
                   imap_transcript());
}

TEST_CASE("an address that guesses waits, on every connection, and a user who was here before does not") {
  WorldOptions options;
  options.session.login_attempts = 1;
  options.session.login_delay = std::chrono::milliseconds(0);
  const Store store = make_store(options);
  store.create_account("bob", {.password = "secret"}).value();
  {
    Client bob(store, options);
    CHECK(bob.send("a LOGIN bob secret\r\n").starts_with("a OK "));
  }
  for (int i = 0; i < 6; ++i) {
    Client guesser(store, options);
    CHECK(guesser.send("a LOGIN alice wrong" + std::to_string(i) + "\r\n").starts_with("a NO [AUTHENTICATIONFAILED] "));
  }
  Client guesser(store, options);
  CHECK(guesser.send("a LOGIN alice secret\r\n").empty());
  CHECK(guesser.session().want() == protocol::Want::wait);
  REQUIRE(guesser.session().deadline());
  Client bob(store, options);
  CHECK(bob.send("a LOGIN bob secret\r\n").starts_with("a OK "));
  WorldOptions elsewhere = options;
  elsewhere.peer.address = "198.51.100.1";
  Client other(store, elsewhere);
  CHECK(other.send("a LOGIN bob secret\r\n").starts_with("a OK "));
  guesser.session().set_now(protocol::Clock::now() + std::chrono::seconds(2));
  guesser.session().on_deadline();
  std::string out;
  guesser.session().produce(out, 65536);
  CHECK(out.starts_with("a OK "));  // late, but let in
}

TEST_CASE("UNAUTHENTICATE: a stranger again, on the same connection") {
  check_selected(R"(
    C: a CAPABILITY
    S~ * CAPABILITY * UNAUTHENTICATE*
    S~ a OK *
    C: b UNAUTHENTICATE
    C: c SELECT INBOX
    S: b OK Not authenticated any more
    S: c BAD Log in first
    C: d CAPABILITY
    S~ * CAPABILITY IMAP4rev1 * SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256
    S~ d OK *
    C: e UNAUTHENTICATE
    S: e BAD Log in first
    C: f LOGIN alice secret
    S~ f OK [CAPABILITY *] Logged in
    C: g FETCH 1 FLAGS
    S: g BAD No mailbox is selected
    ! deliver x
    C: h NOOP
    S~ h OK *
    C: i UNAUTHENTICATE x
    S~ i BAD *
    C: j UNAUTHENTICATE
    C: k AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
    C: l SELECT INBOX
    S: j OK Not authenticated any more
    S~ k OK *
    S~ ...
    S~ l OK [READ-WRITE] *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("UNAUTHENTICATE gives a stranger's time and limits back") {
  check_logged_in(R"(
    ! after 600
    C: a UNAUTHENTICATE
    S: a OK Not authenticated any more
    ! after 59
    C: b NOOP
    S~ b OK *
    C: c LOGIN {99999}
    S~ c BAD [TOOBIG] *
    ! after 1
    S~ * BYE *
    ! want close
  )");
}

TEST_CASE("UNAUTHENTICATE: masks of the account go with it, and it can be switched off") {
  WorldOptions options;
  options.session.account_capabilities = [](const Account&) { return imap::CapabilityMask{.off = {"ID"}}; };
  check_logged_in(R"(
    C: a ID NIL
    S: a BAD Unknown command
    C: b UNAUTHENTICATE
    S~ b OK *
    C: c ID NIL
    S~ * ID *
    S~ c OK *
  )",
                  options);
  options = {};
  options.session.capabilities.off = {"UNAUTHENTICATE"};
  check_logged_in(R"(
    C: a UNAUTHENTICATE
    S: a BAD Unknown command
    C: b NOOP
    S~ b OK *
  )",
                  options);
}
