#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/base64.h"
#include "pop3/fixture.h"

using namespace postfach;
using namespace postfach::test;
using namespace std::string_view_literals;

namespace {

std::string plain(std::string_view authzid, std::string_view name, std::string_view password) {
  std::string message(authzid);
  message.append(1, '\0').append(name).append(1, '\0').append(password);
  return base::base64_encode(message);
}

}  // namespace

TEST_CASE("USER and PASS") {
  World{.messages = {message_of(120), message_of(200)}}.check(R"(
    S: +OK POP3 server ready
    C: USER mrose
    S: +OK Password, please
    C: PASS secret
    S: +OK Maildrop has 2 messages (320 octets)
    C: QUIT
    S: +OK Bye
    ! want close
  )");
}

TEST_CASE("a wrong password and a wrong name get the same answers, late") {
  for (const std::string name : {"mrose", "frated"}) {
    World{}.check(R"(
      S: +OK POP3 server ready
      C: USER )" + name +
                  R"(
      S: +OK Password, please
      C: PASS wrong
      ! want wait
      ! after 1
      ! want wait
      ! deadline
      S: -ERR [AUTH] Wrong name or password
      C: USER mrose
      C: PASS secret
      S: +OK Password, please
      S: +OK Maildrop has 0 messages (0 octets)
    )");
  }
}

TEST_CASE("each failure is answered later, and the third closes") {
  World{}.check(R"(
    S: +OK POP3 server ready
    C: USER mrose
    S: +OK Password, please
    C: PASS 1
    ! after 2
    S: -ERR [AUTH] Wrong name or password
    C: USER mrose
    S: +OK Password, please
    C: PASS 2
    ! after 3
    ! want wait
    ! after 1
    S: -ERR [AUTH] Wrong name or password
    C: USER mrose
    S: +OK Password, please
    C: PASS 3
    ! after 7
    ! want wait
    ! after 1
    S: -ERR [AUTH] Wrong name or password
    ! want close
  )");
}

TEST_CASE("PASS needs a USER before it, each time") {
  World{}.check(R"(
    S: +OK POP3 server ready
    C: PASS secret
    S: -ERR USER first
    C: USER mrose
    S: +OK Password, please
    C: PASS wrong
    ! deadline
    S: -ERR [AUTH] Wrong name or password
    C: PASS secret
    S: -ERR USER first
    C: QUIT
    S: +OK Bye
    ! want close
  )");
}

TEST_CASE("AUTH PLAIN with and without an initial response") {
  World{}.check("S: +OK POP3 server ready\nC: AUTH PLAIN " + plain("", "mrose", "secret") +
                "\nS: +OK Maildrop has 0 messages (0 octets)\n");
  World{}.check(
      "S: +OK POP3 server ready\nC: auth plain\nS: +\\x20\n"
      "C: " +
      plain("mrose", "mrose", "secret") + "\nS: +OK Maildrop has 0 messages (0 octets)\n");
}

TEST_CASE("AUTH LOGIN") {
  World{}.check("S: +OK POP3 server ready\nC: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: " + base::base64_encode("mrose") +
                "\nS: + UGFzc3dvcmQ6\nC: " + base::base64_encode("secret") +
                "\nS: +OK Maildrop has 0 messages (0 octets)\n");
}

TEST_CASE("AUTH that goes wrong") {
  World{}.check(R"(
    S: +OK POP3 server ready
    C: AUTH CRAM-MD5
    S: -ERR No such mechanism
    C: AUTH PLAIN
    S: +\x20
    C: *
    S: -ERR Login cancelled
    C: AUTH PLAIN ====
    S: -ERR Bad base64
    C: AUTH PLAIN
    S: +\x20
    C: not base64!
    S: -ERR Bad base64
    C: CAPA
    S~ +OK *
    S~ ...
    S: .
    C: AUTH PLAIN =
    ! deadline
    S: -ERR [AUTH] Wrong name or password
  )");
}

TEST_CASE("nobody acts for another account") {
  World{}.check("S: +OK POP3 server ready\nC: AUTH PLAIN " + plain("ceo", "mrose", "secret") +
                "\n! deadline\nS: -ERR [AUTH] Wrong name or password\n");
}

TEST_CASE("AUTH without a mechanism lists them") {
  World{}.check(R"(
    S: +OK POP3 server ready
    C: AUTH
    S: +OK Mechanisms follow
    S: PLAIN
    S: LOGIN
    S: SCRAM-SHA-256
    S: .
    C: AUTH\x20
    S: +OK Mechanisms follow
    S: PLAIN
    S: LOGIN
    S: SCRAM-SHA-256
    S: .
  )");
}

TEST_CASE("no password in clear") {
  const std::string response = plain("", "mrose", "secret");
  World{.peer = peer_in_clear()}.check(R"(
    S: +OK POP3 server ready
    C: CAPA
    S: +OK Capability list follows
    S: TOP
    S: UIDL
    S: STLS
    S: PIPELINING
    S: RESP-CODES
    S: AUTH-RESP-CODE
    S: EXPIRE NEVER
    S: UTF8 USER
    S: LANG
    S: IMPLEMENTATION postfach
    S: .
    C: AUTH
    S: +OK Mechanisms follow
    S: .
    C: USER mrose
    S: -ERR Use STLS first, no login without encryption
    C: AUTH PLAIN )" + response + R"(
    S: -ERR Use STLS first, no login without encryption
    C: PASS secret
    S: -ERR Use STLS first, no login without encryption
    ! want close
  )");
}

TEST_CASE("no look-up before TLS") {
  int asked = 0;
  World world{.peer = peer_in_clear()};
  world.options.authenticator = [&](const Credentials&, const AuthReply&) { ++asked; };
  world.check(R"(
    S: +OK POP3 server ready
    C: USER mrose
    C: PASS secret
    S~ -ERR *
    S~ -ERR *
  )");
  CHECK(asked == 0);
}

TEST_CASE("a connection that the host vouches for") {
  protocol::Peer peer = peer_in_clear();
  peer.trusted_cleartext = true;
  World{.peer = peer}.check(R"(
    S: +OK POP3 server ready
    C: CAPA
    S: +OK Capability list follows
    S: TOP
    S: UIDL
    S: USER
    S: SASL PLAIN LOGIN SCRAM-SHA-256
    S: STLS
    S~ ...
    S: .
    C: USER mrose
    C: PASS secret
    S: +OK Password, please
    S: +OK Maildrop has 0 messages (0 octets)
    C: CAPA
    S: +OK Capability list follows
    S: TOP
    S: UIDL
    S: USER
    S: SASL PLAIN LOGIN SCRAM-SHA-256
    S: PIPELINING
    S~ ...
    S: .
  )");
}

TEST_CASE("STLS") {
  World{.peer = peer_in_clear()}.check(R"(
    S: +OK POP3 server ready
    C: stls
    S: +OK Begin TLS negotiation
    ! tls
    C: CAPA
    S: +OK Capability list follows
    S: TOP
    S: UIDL
    S: USER
    S: SASL PLAIN LOGIN SCRAM-SHA-256
    S: PIPELINING
    S~ ...
    S: .
    C: STLS
    S: -ERR TLS is active already
    C: USER mrose
    C: PASS secret
    S: +OK Password, please
    S: +OK Maildrop has 0 messages (0 octets)
    C: STLS
    S: -ERR Already logged in
  )");
}

TEST_CASE("what is sent in clear behind STLS is never a command") {
  World{.peer = peer_in_clear()}.check(R"(
    S: +OK POP3 server ready
    C: STLS
    C: USER evil
    C: CAPA
    S: +OK Begin TLS negotiation
    ! tls
    C: PASS secret
    S: -ERR USER first
  )");
  World world{.peer = peer_in_clear()};
  world.begin();
  const auto session = world.session();
  CHECK(talk(*session, "") == "+OK POP3 server ready\r\n");
  CHECK(session->receive("STLS\r\nUSER evil\r\n") == 6);
  CHECK(talk(*session, "USER evil\r\n") == "+OK Begin TLS negotiation\r\n");
  CHECK(session->receive("USER evil\r\n") == 0);
}

TEST_CASE("STLS where there is no TLS") {
  protocol::Peer peer = peer_in_clear();
  peer.can_start_tls = false;
  World{.peer = peer}.check(R"(
    S: +OK POP3 server ready
    C: STLS
    S: -ERR TLS is not available
    C: USER mrose
    S: -ERR No login without encryption
  )");
}

TEST_CASE("an account that may not log in, and one that can't be asked for") {
  struct Row {
    Errc code;
    std::string reply;
  };
  const auto row = GENERATE(Row{Errc::not_permitted, "-ERR [SYS/PERM] *"}, Row{Errc::unavailable, "-ERR [SYS/TEMP] *"});
  World world;
  world.options.authenticator = [&](const Credentials&, const AuthReply& reply) { reply(Error{row.code, "why"}); };
  world.check("S: +OK POP3 server ready\nC: USER mrose\nC: PASS secret\nS: +OK Password, please\nS~ " + row.reply +
              "\n");
}

TEST_CASE("the store refuses a disabled account") {
  World world;
  world.begin();
  world.store->set_enabled("mrose", false).value();
  const auto session = world.session();
  CHECK(talk(*session, "USER mrose\r\nPASS secret\r\n").ends_with("-ERR [SYS/PERM] This account may not log in\r\n"));
}

TEST_CASE("the host's authenticator answers when it likes") {
  World world;
  std::vector<AuthReply> replies;
  std::string seen;
  world.options.authenticator = [&](const Credentials& credentials, AuthReply reply) {
    seen = credentials.login + "/" + credentials.password + "/" + credentials.remote;
    replies.push_back(std::move(reply));
  };
  world.check(R"(
    S: +OK POP3 server ready
    C: USER x
    S: +OK Password, please
    C: PASS y
    C: STAT
    ! want wait
    ! answer
    S: +OK Maildrop has 0 messages (0 octets)
    S: +OK 0 0
  )",
              {{"answer", [&](std::string_view) { replies.back()(*world.account); }}});
  CHECK(seen == "x/y/192.0.2.1");
  for (const AuthReply& reply : replies) reply(Error{Errc::internal, "twice, and after the session's end"});
}

TEST_CASE("an answer from another thread") {
  World world;
  std::vector<std::thread> threads;
  world.options.authenticator = [&](const Credentials&, AuthReply reply) {
    threads.emplace_back([reply = std::move(reply), account = *world.account] { reply(account); });
  };
  world.check_logged_in("C: NOOP\nS: +OK Nothing done\n");
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("an authenticator that never answers ends with the time for a login") {
  World world;
  std::vector<AuthReply> replies;  // one that is lost would be an answer
  world.options.authenticator = [&](const Credentials&, AuthReply reply) { replies.push_back(std::move(reply)); };
  world.check(R"(
    S: +OK POP3 server ready
    C: USER mrose
    S: +OK Password, please
    C: PASS secret
    ! want wait
    ! after 59
    ! want wait
    ! after 1
    ! want close
  )");
}

TEST_CASE("an authenticator that loses its reply has answered") {
  World world;
  world.options.authenticator = [](const Credentials&, const AuthReply&) {};
  world.check(R"(
    S: +OK POP3 server ready
    C: USER mrose
    S: +OK Password, please
    C: PASS secret
    S: -ERR [SYS/TEMP] The mailbox is not available, please try again later
  )");
}

TEST_CASE("one session at a time has the maildrop") {
  World world;
  world.begin();
  auto first = world.session();
  auto second = world.session();
  const auto login = "USER mrose\r\nPASS secret\r\n"sv;
  CHECK(talk(*first, login).find("+OK Maildrop") != std::string::npos);
  CHECK(talk(*second, login).find("-ERR [IN-USE] ") != std::string::npos);
  SECTION("until it quits") { CHECK(talk(*first, "QUIT\r\n") == "+OK Bye\r\n"); }
  SECTION("until it is gone") { first.reset(); }
  SECTION("until the client is gone") { first->on_disconnect(); }
  SECTION("until the server goes down") { first->on_shutdown(); }
  CHECK(talk(*second, login).find("+OK Maildrop") != std::string::npos);
}
