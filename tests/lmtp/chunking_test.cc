// BDAT (RFC 3030).
#include "lmtp/fixture.h"

using namespace postfach;
using namespace postfach::test;

TEST_CASE("chunks, as in the examples of RFC 3030 §4") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<Sam@Random.com> BODY=BINARYMIME
    C: RCPT TO:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    S: 250 2.1.0 Sender OK
    S~ 250 2.1.5 *
    S~ 250 2.1.5 *
    C: BDAT 14
    C: Subject: x
    C:
    S: 250 2.0.0 14 octets received
    C: BDAT 9 LAST
    C: .
    C: \0\xFF\n.
    S~ 250 2.0.0 <alice@example.org> Stored as *
    S~ 250 2.0.0 <bob@example.org> Stored as *
  )");
}

TEST_CASE("binary octets are kept, dots and all") {
  World world;
  world.begin();
  const auto session = world.session();
  const std::string text = std::string("Subject: x\r\n\r\n.\r\n..\r\n\0\xFF\r\n.\r\n", 28);
  const std::string out = talk(*session,
                               "LHLO x\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<alice@example.org>\r\n"
                               "BDAT 20\r\n" +
                                   text.substr(0, 20) + "BDAT 8 LAST\r\n" + text.substr(20) + "BDAT 0\r\nQUIT\r\n");
  CHECK(World::message(*world.alice, 1) == text);
  CHECK(out.find("250 2.0.0 20 octets received\r\n250 2.0.0 <alice@example.org> Stored as ") != std::string::npos);
  CHECK(out.ends_with("503 5.5.1 Bad sequence of commands\r\n221 2.0.0 Bye\r\n"));
}

TEST_CASE("chunks that are refused are read to their end") {
  World{}.check_greeted(R"(
    C: BDAT 6
    C: QUIT
    S: 503 5.5.1 Bad sequence of commands
    C: MAIL FROM:<a@b>
    C: RCPT TO:<nobody@example.org>
    C: BDAT 6 LAST
    C: QUIT
    S: 250 2.1.0 Sender OK
    S~ 550 5.1.1 *
    S: 503 5.5.1 No valid recipients
    C: NOOP
    S: 250 2.0.0 OK
  )");
}

TEST_CASE("BDAT and DATA don't mix, and recipients come first") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<a@b> BODY=BINARYMIME
    C: RCPT TO:<alice@example.org>
    C: DATA
    S: 250 2.1.0 Sender OK
    S~ 250 2.1.5 *
    S: 503 5.5.1 BINARYMIME takes BDAT
    C: BDAT 0
    S: 250 2.0.0 0 octets received
    C: RCPT TO:<bob@example.org>
    S: 503 5.5.1 Bad sequence of commands
    C: DATA
    S: 503 5.5.1 BDAT was used
    C: BDAT 3 LAST
    C: x
    S~ 250 2.0.0 <alice@example.org> Stored as *
    ! text alice 1 x\r\n
  )");
}

TEST_CASE("RSET between chunks throws them away") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: BDAT 3
    C: x
    C: RSET
    S: 250 2.1.0 Sender OK
    S~ 250 2.1.5 *
    S: 250 2.0.0 3 octets received
    S: 250 2.0.0 OK
    C: BDAT 3 LAST
    C: y
    S: 503 5.5.1 Bad sequence of commands
    ! has alice 0
  )");
}

TEST_CASE("a message that grows too large by chunks") {
  World world;
  world.store_options.max_message_size = 10;
  world.check(R"(
    S~ 220 *
    C: LHLO x
    S~ ...
    S: 250 SIZE 10
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: BDAT 8
    C: 123456
    S: 250 2.1.0 Sender OK
    S~ 250 2.1.5 *
    S: 250 2.0.0 8 octets received
    C: BDAT 3
    C: x
    S: 552 5.3.4 The message is larger than permitted
    C: BDAT 3 LAST
    C: x
    S: 503 5.5.1 Bad sequence of commands
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: BDAT 12 LAST
    C: 1234567890
    S: 250 2.1.0 Sender OK
    S~ 250 2.1.5 *
    S~ 552 5.2.3 <alice@example.org> *
    C: BDAT 99999999999999999999
    S: 552 5.3.4 The chunk is larger than can be thrown away
    ! want close
    ! has alice 0
  )");
}

TEST_CASE("after a chunk of unknown size nothing can be a command") {
  World{}.check_greeted(R"(
    C: BDAT x
    C: QUIT
    S: 501 5.5.4 Size of a chunk expected
    ! want close
  )");
}
