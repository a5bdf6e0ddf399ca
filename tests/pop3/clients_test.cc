// What mail clients do to a POP3 server, and what they need back.
#include "pop3/fixture.h"

using namespace postfach;
using namespace postfach::test;

TEST_CASE("Outlook: AUTH with a blank behind it asks for the mechanisms") {
  World{}.check(R"(
    S: +OK POP3 server ready
    C: AUTH\x20
    S: +OK Mechanisms follow
    S: PLAIN
    S: LOGIN
    S: SCRAM-SHA-256
    S: .
    C: AUTH LOGIN\x20
    S: + VXNlcm5hbWU6
    C: bXJvc2U=
    S: + UGFzc3dvcmQ6
    C: c2VjcmV0
    S: +OK Maildrop has 0 messages (0 octets)
    C: QUIT
    S: +OK Bye
    ! want close
  )");
}

// RFC 6856 §2: only before the login.
TEST_CASE("Outlook: UTF8 at the wrong time harms nothing") {
  World{.messages = {message_of(120)}}.check(R"(
    S: +OK POP3 server ready
    C: UTF8
    S: +OK UTF-8 it is
    C: USER mrose
    S: +OK Password, please
    C: UTF8
    S: +OK UTF-8 it is
    C: PASS secret
    S: +OK Maildrop has 1 message (120 octets)
    C: UTF8
    S: -ERR Already logged in
    C: STAT
    S: +OK 1 120
    C: DELE 1
    S: +OK Message 1 deleted
    C: UTF8
    S: -ERR Already logged in
    C: QUIT
    S: +OK Bye, messages removed: 1
    ! want close
    ! left 0
  )");
}

// What it has fetched it remembers by unique-id: one that changes is fetched again, one that comes again is lost.
TEST_CASE("Outlook: unique-ids stay for good, and none comes again") {
  World world{.messages = {message_of(120), message_of(200)}};
  world.begin();
  const auto listing = [&world](std::string_view commands) {
    const auto session = world.session();
    const std::string output =
        talk(*session, "USER mrose\r\nPASS secret\r\nUIDL\r\n" + std::string(commands) + "QUIT\r\n");
    const std::string begin = "+OK Unique-id listing follows\r\n";
    const std::size_t at = output.find(begin);
    REQUIRE(at != std::string::npos);
    const std::size_t end = output.find("\r\n.\r\n", at);
    return output.substr(at + begin.size(), end - at - begin.size());
  };
  const std::string first = listing("");
  CHECK(listing("DELE 1\r\n") == first);
  const std::size_t line = first.find("\r\n");
  const std::string id_1 = first.substr(2, line - 2);
  const std::string id_2 = first.substr(line + 4);
  CHECK(listing("") == "1 " + id_2);
  world.account->deliver(message_of(120)).value();
  const std::string third = listing("DELE 1\r\nDELE 2\r\n");
  CHECK(third.find("1 " + id_2 + "\r\n2 ") == 0);
  CHECK(third.find(id_1) == std::string::npos);
  world.account->deliver(message_of(120)).value();
  const std::string fourth = listing("");
  CHECK(fourth.find(id_1) == std::string::npos);
  CHECK(fourth.find(id_2) == std::string::npos);
  CHECK(fourth != "1 " + third.substr(third.rfind(' ') + 1));
}

// mutt refuses a server without UIDL, and K-9 Mail splits at the first blank.
TEST_CASE("mutt, K-9 Mail: CAPA offers UIDL, TOP and USER, and a listing's fields have one blank between them") {
  World world{.messages = {message_of(120), message_of(200)}};
  world.begin();
  const auto session = world.session();
  const std::string output =
      talk(*session, "CAPA\r\nUSER mrose\r\nPASS secret\r\nUIDL 2\r\nTOP 2 0\r\nUIDL\r\nQUIT\r\n");
  for (const std::string name : {"UIDL", "TOP", "USER"})
    CHECK(output.find("\r\n" + name + "\r\n") != std::string::npos);
  const std::size_t at = output.find("+OK 2 ");
  REQUIRE(at != std::string::npos);
  const std::string id = output.substr(at + 6, output.find("\r\n", at) - at - 6);
  CHECK(id.find(' ') == std::string::npos);
  CHECK(output.find("\r\n2 " + id + "\r\n.\r\n") != std::string::npos);
  CHECK(output.find("\r\nSubject: x\r\n\r\n.\r\n") != std::string::npos);
}
