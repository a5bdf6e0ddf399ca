#include "pop3/fixture.h"

using namespace postfach;
using namespace postfach::test;

TEST_CASE("the session of RFC 1939 §10") {
  const std::string first = "Subject: a\r\n\r\n" + std::string(60, 'a') + "\r\n" + std::string(42, 'b') + "\r\n";
  REQUIRE(first.size() == 120);
  World{.messages = {first, message_of(200)}}.check_logged_in(R"(
    C: STAT
    S: +OK 2 320
    C: LIST
    S: +OK 2 messages (320 octets)
    S: 1 120
    S: 2 200
    S: .
    C: RETR 1
    S: +OK 120 octets
    S: Subject: a
    S:
    S: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    S: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    S: .
    C: DELE 1
    S: +OK Message 1 deleted
    C: RETR 2
    S: +OK 200 octets
    S~ ...
    S: .
    C: DELE 2
    S: +OK Message 2 deleted
    ! left 2
    C: QUIT
    S: +OK Bye, messages removed: 2
    ! want close
    ! left 0
  )");
}

TEST_CASE("all of it pipelined, and nothing behind QUIT") {
  World{.messages = {message_of(120), message_of(200)}}.check(R"(
    C: USER mrose
    C: PASS secret
    C: STAT
    C: LIST 2
    C: DELE 1
    C: LIST
    C: QUIT
    C: RSET
    C: STAT
    S: +OK POP3 server ready
    S: +OK Password, please
    S: +OK Maildrop has 2 messages (320 octets)
    S: +OK 2 320
    S: +OK 2 200
    S: +OK Message 1 deleted
    S: +OK 1 message (200 octets)
    S: 2 200
    S: .
    S: +OK Bye, messages removed: 1
    ! want close
    ! left 1
  )");
}

TEST_CASE("message numbers in replies") {
  World{.messages = {message_of(120), message_of(200)}}.check_logged_in(R"(
    C: LIST 2
    S: +OK 2 200
    C: LIST 02
    S: +OK 2 200
    C: LIST 3
    S: -ERR No such message, maildrop has 2 messages
    C: LIST 0
    S: -ERR No such message, maildrop has 2 messages
    C: RETR 99999999999999999999
    S: -ERR No such message, maildrop has 2 messages
    C: TOP 3 0
    S: -ERR No such message, maildrop has 2 messages
    C: RETR -1
    S: -ERR Message number expected
    C: DELE 2\x20
    S: +OK Message 2 deleted
    C: DELE 2
    S: -ERR Message 2 is deleted
    C: RETR 2
    S: -ERR Message 2 is deleted
    C: TOP 2 0
    S: -ERR Message 2 is deleted
    C: UIDL 2
    S: -ERR Message 2 is deleted
    C: LIST 2
    S: -ERR Message 2 is deleted
    C: STAT
    S: +OK 1 120
    C: RSET
    S: +OK Maildrop has 2 messages (320 octets)
    C: STAT
    S: +OK 2 320
    C: QUIT
    S: +OK Bye
    ! left 2
  )");
}

TEST_CASE("an empty maildrop") {
  World{}.check_logged_in(R"(
    C: STAT
    S: +OK 0 0
    C: LIST
    S: +OK 0 messages (0 octets)
    S: .
    C: UIDL
    S: +OK Unique-id listing follows
    S: .
    C: RETR 1
    S: -ERR No such message, maildrop has 0 messages
    C: RSET
    S: +OK Maildrop has 0 messages (0 octets)
    C: QUIT
    S: +OK Bye
  )");
}

TEST_CASE("commands that need a login") {
  std::string text = "S: +OK POP3 server ready\n";
  for (const std::string command : {"STAT", "LIST", "UIDL 1", "RETR 1", "TOP 1 1", "DELE 1", "NOOP", "RSET"}) {
    text += "C: " + command + "\nS: -ERR Log in first\n";
  }
  World world;
  world.options.bad_commands_before_login = 100;
  world.check(text);
}

TEST_CASE("commands that belong before the login") {
  std::string text;
  for (const std::string command : {"USER mrose", "PASS secret", "AUTH", "AUTH PLAIN", "STLS"}) {
    text += "C: " + command + "\nS: -ERR Already logged in\n";
  }
  World{}.check_logged_in(text);
}

TEST_CASE("commands that there are not") {
  World{}.check_logged_in(R"(
    C: LAST
    S: -ERR Unknown command
    C:
    S: -ERR Unknown command
    C: noop
    S: +OK Nothing done
  )");
  World{}.check(R"(
    S: +OK POP3 server ready
    C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
    S: -ERR Unknown command
    C: USER mrose
    C: PASS secret
    S: +OK Password, please
    S: +OK Maildrop has 0 messages (0 octets)
  )");
}

TEST_CASE("three bad commands before login, twenty after it") {
  World{}.check(R"(
    S: +OK POP3 server ready
    C: GET / HTTP/1.1
    C: Host: example.org
    C: User-Agent: x
    C: QUIT
    S: -ERR Unknown command
    S: -ERR Unknown command
    S: -ERR Unknown command
    ! want close
  )");
  std::string text;
  for (int i = 0; i < 19; ++i) text += "C: X\n";
  for (int i = 0; i < 19; ++i) text += "S: -ERR Unknown command\n";
  text += "C: NOOP\nS: +OK Nothing done\n";  // in a row
  for (int i = 0; i < 20; ++i) text += "C: X\n";
  for (int i = 0; i < 20; ++i) text += "S: -ERR Unknown command\n";
  World{}.check_logged_in(text + "! want close\n");
}

TEST_CASE("a line without end takes one reply and no memory") {
  const std::string line(20'000, 'x');
  World{}.check("S: +OK POP3 server ready\nC: " + line + "\nS: -ERR Line too long\nC: " + line +
                "\nC: USER mrose\nS: -ERR Line too long\nS: +OK Password, please\n");
  World{}.check("S: +OK POP3 server ready\nC: AUTH PLAIN\nS: +\\x20\nC: " + line +
                "\nS: -ERR Line too long\nC: QUIT\nS: +OK Bye\n");
  World{}.check("S: +OK POP3 server ready\nC: USER " + std::string(251, 'x') + "\nS: -ERR Command line too long\n");
}

TEST_CASE("only QUIT removes messages") {
  World world{.messages = {message_of(120), message_of(200)}};
  SECTION("not a lost connection") {
    world.check_logged_in("C: DELE 1\nS: +OK Message 1 deleted\n! disconnect\n! want close\n! left 2\n");
  }
  SECTION("not the autologout") {
    world.check_logged_in(R"(
      C: DELE 1
      S: +OK Message 1 deleted
      ! after 599
      ! want read
      C: NOOP
      S: +OK Nothing done
      ! after 599
      ! want read
      ! after 1
      ! want close
      ! left 2
    )");
  }
  SECTION("not a shutdown") {
    world.check_logged_in(R"(
      C: DELE 1
      S: +OK Message 1 deleted
      ! shutdown
      S: -ERR [SYS/TEMP] Server shutting down
      ! want close
      ! left 2
    )");
  }
  SECTION("not the end of the session object, nor a QUIT that was not carried out") {
    world.begin();
    auto session = world.session();
    talk(*session, "USER mrose\r\nPASS secret\r\nDELE 1\r\n");
    SECTION("destroyed") {}
    SECTION("QUIT without its end") { session->receive("QUIT"); }
    SECTION("QUIT, then gone") {
      CHECK(session->receive("QUIT\r\n") == 6);
      session->on_disconnect();
      CHECK(talk(*session, "").empty());
    }
    session.reset();
    CHECK(world.inbox().uids().value().size() == 2);
  }
  SECTION("not a QUIT whose store fails") {
    world.check_logged_in("C: DELE 1\nS: +OK Message 1 deleted\n! gone\nC: QUIT\nS~ -ERR [SYS/*\n! want close\n",
                          {{"gone", [&](std::string_view) { world.store->remove_account("mrose").value(); }}});
  }
}

TEST_CASE("the time for a login is not extended") {
  World{}.check(R"(
    S: +OK POP3 server ready
    ! after 59
    C: CAPA
    S~ +OK *
    S~ ...
    S: .
    ! after 1
    ! want close
  )");
}

TEST_CASE("goodbye before login") {
  World{}.check("S: +OK POP3 server ready\n! shutdown\nS: -ERR [SYS/TEMP] Server shutting down\n! want close\n");
}

TEST_CASE("an autologout of less than ten minutes is not allowed") {
  World world;
  world.options.autologout = std::chrono::seconds(5);
  world.check_logged_in("! after 599\n! want read\n! after 1\n! want close\n");
}
