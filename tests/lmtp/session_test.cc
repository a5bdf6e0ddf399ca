#include <algorithm>

#include "lmtp/fixture.h"

using namespace postfach;
using namespace postfach::test;

TEST_CASE("the session of RFC 2033 §4.2: a reply for each recipient") {
  World{}.check(R"(
    S: 220 mx.example.org LMTP server ready
    C: LHLO foo.edu
    S: 250-mx.example.org
    S: 250-PIPELINING
    S: 250-ENHANCEDSTATUSCODES
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-CHUNKING
    S: 250-BINARYMIME
    S: 250 SIZE 268435456
    C: MAIL FROM:<chris@bar.com>
    C: RCPT TO:<alice@example.org>
    C: RCPT TO:<jones@example.org>
    C: RCPT TO:<bob@example.org>
    C: DATA
    S: 250 2.1.0 Sender OK
    S: 250 2.1.5 <alice@example.org> Recipient OK
    S: 550 5.1.1 <jones@example.org> No such mailbox here
    S: 250 2.1.5 <bob@example.org> Recipient OK
    S: 354 Go ahead, end with <CR><LF>.<CR><LF>
    ! quota bob 0
    C: Subject: x
    C:
    C: Blah blah blah...
    C: ..
    C: ...etc. etc. etc.
    C: .
    C: QUIT
    S~ 250 2.0.0 <alice@example.org> Stored as *
    S: 452 4.2.2 <bob@example.org> Mailbox full
    S: 221 2.0.0 Bye
    ! want close
    ! has alice 1
    ! has bob 0
    ! text alice 1 Subject: x\r\n\r\nBlah blah blah...\r\n.\r\n..etc. etc. etc.\r\n
    ! field alice 1 Return-Path: <chris@bar.com>\r\nDelivered-To: alice@example.org\r\nReceived: from foo.edu ([192.0.2.1])\r\n\tby mx.example.org with LMTP id
  )");
}

TEST_CASE("over quota for good, where the rules say so") {
  World world;
  world.store_options.delivery.over_quota = DeliveryRules::OverQuota::for_good;
  world.check_greeted(R"(
    ! quota bob 0
    C: MAIL FROM:<>
    C: RCPT TO:<bob@example.org>
    C: RCPT TO:<alice@example.org>
    C: DATA
    S: 250 2.1.0 Sender OK
    S: 552 5.2.2 <bob@example.org> Mailbox full
    S: 250 2.1.5 <alice@example.org> Recipient OK
    S~ 354 *
    C: .
    S~ 250 2.0.0 <alice@example.org> Stored as *
    ! field alice 1 Return-Path: <>\r\n
  )");
}

TEST_CASE("commands out of order") {
  World{}.check(R"(
    S~ 220 *
    C: MAIL FROM:<>
    S: 503 5.5.1 LHLO first
    C: EHLO x
    S: 500 5.5.1 This is LMTP, please say LHLO
    C: LHLO x
    S~ ...
    S~ 250 SIZE *
    C: RCPT TO:<alice@example.org>
    S: 503 5.5.1 Bad sequence of commands
    C: DATA
    S: 503 5.5.1 No valid recipients
    C: MAIL FROM:<a@b>
    S: 250 2.1.0 Sender OK
    C: MAIL FROM:<a@b>
    S: 503 5.5.1 A transaction is under way
    C: RCPT TO:<nobody@example.org>
    S: 550 5.1.1 <nobody@example.org> No such mailbox here
    C: DATA
    S: 503 5.5.1 No valid recipients
    C: RCPT TO:<alice@example.org>
    S: 250 2.1.5 <alice@example.org> Recipient OK
    C: RSET
    S: 250 2.0.0 OK
    C: DATA
    S: 503 5.5.1 No valid recipients
    C: MAIL FROM:<a@b>
    S: 250 2.1.0 Sender OK
    C: LHLO again
    S~ ...
    S~ 250 SIZE *
    C: RCPT TO:<alice@example.org>
    S: 503 5.5.1 Bad sequence of commands
    C: NOOP
    S: 250 2.0.0 OK
    C: VRFY alice
    S: 252 2.5.2 Send some mail, I will try my best
    C: HELP
    S~ 214 2.0.0 *
    C: WHAT
    S: 500 5.5.1 Unknown command
    C: STARTTLS
    S: 502 5.5.1 TLS is not available
    ! has alice 0
  )");
}

TEST_CASE("several messages in one session, with the same and other recipients") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: RCPT TO:<ALICE@example.org>
    C: DATA
    S: 250 2.1.0 Sender OK
    S~ 250 2.1.5 *
    S~ 250 2.1.5 *
    S~ 354 *
    C: one
    C: .
    S~ 250 2.0.0 <alice@example.org> Stored as *
    S~ 250 2.0.0 <ALICE@example.org> Stored as *
    C: MAIL FROM:<a@b>
    S: 250 2.1.0 Sender OK
    C: RCPT TO:<"b b"@example.org>
    S: 250 2.1.5 <"b b"@example.org> Recipient OK
    C: DATA
    S~ 354 *
    C: two
    C: .
    S~ 250 2.0.0 <"b b"@example.org> Stored as *
    ! has alice 1
    ! has bob 1
    ! text alice 1 one\r\n
    ! text bob 1 two\r\n
  )");
}

TEST_CASE("nothing but CRLF.CRLF ends a message, and lines of commands end with CRLF") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: DATA
    S~ ...
    S~ 354 *
    C: one\n.\nMAIL FROM:<evil@example.com>\r.\r\n.\nRCPT TO:<bob@example.org>\n.
    C: two
    C: .
    S~ 250 2.0.0 <alice@example.org> Stored as *
    ! has alice 1
    ! has bob 0
    ! text alice 1 one\n.\nMAIL FROM:<evil@example.com>\r.\r\n\nRCPT TO:<bob@example.org>\n.\r\ntwo\r\n
    C: NOOP\nQUIT
    S: 500 5.5.2 A line ends with CRLF
    S: 221 2.0.0 Bye
  )");
}

TEST_CASE("sizes: what is said and what comes") {
  World world;
  world.store_options.max_message_size = 2000;
  world.check(R"(
    S~ 220 *
    C: LHLO x
    S~ ...
    S: 250 SIZE 2000
    C: MAIL FROM:<a@b> SIZE=2001
    S: 552 5.3.4 The message is larger than permitted
    C: MAIL FROM:<a@b> SIZE=2000
    C: RCPT TO:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: DATA
    S: 250 2.1.0 Sender OK
    S~ 250 2.1.5 *
    S~ 250 2.1.5 *
    S~ 354 *
    C: )" + std::string(1500, 'x') +
              R"(
    C: )" + std::string(1500, 'x') +
              R"(
    C: .
    S: 552 5.2.3 <alice@example.org> The message is larger than the mailbox takes
    S: 552 5.2.3 <bob@example.org> The message is larger than the mailbox takes
    C: NOOP
    S: 250 2.0.0 OK
    ! has alice 0
  )");
}

TEST_CASE("SMTPUTF8 (RFC 6531): addresses in UTF-8 with it alone") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<jürgen@example.com>
    S: 553 5.6.7 An address that is not ASCII takes SMTPUTF8
    C: MAIL FROM:<a@b>
    S: 250 2.1.0 Sender OK
    C: RCPT TO:<müller@example.org>
    S: 553 5.6.7 An address that is not ASCII takes SMTPUTF8
    C: RSET
    S: 250 2.0.0 OK
    C: MAIL FROM:<jürgen@example.com> SMTPUTF8 BODY=8BITMIME
    S: 250 2.1.0 Sender OK
    C: RCPT TO:<müller@example.org>
    S: 250 2.1.5 <müller@example.org> Recipient OK
    C: DATA
    S~ 354 *
    C: Subject: Grüße
    C: .
    S~ 250 2.0.0 <müller@example.org> Stored as *
    ! text alice 1 Subject: Grüße\r\n
    ! field alice 1 Return-Path: <jürgen@example.com>\r\nDelivered-To: müller@example.org\r\n
    ! field alice 1 with UTF8LMTP id
  )");
}

TEST_CASE("too many recipients: the client sends another message to the rest") {
  World world;
  world.store_options.delivery.max_recipients = 1;
  world.check_greeted(R"(
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    S: 250 2.1.0 Sender OK
    S: 250 2.1.5 <alice@example.org> Recipient OK
    S: 452 4.5.3 <bob@example.org> Too many recipients
  )");
}

TEST_CASE("what the hook says is told, in one line") {
  World world;
  world.store_options.delivery.hook = [](const Arrival& arrival) -> DeliveryChoice {
    if (arrival.address.starts_with("alice")) {
      return {.action = DeliveryChoice::Action::reject, .text = "No\r\n250 spam"};
    }
    return {.action = DeliveryChoice::Action::defer};
  };
  world.check_greeted(R"(
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: RCPT TO:<bob@example.org>
    C: DATA
    S~ ...
    S~ 354 *
    C: .
    S: 550 5.7.1 <alice@example.org> No  250 spam
    S: 451 4.3.0 <bob@example.org> Temporary failure, please try again later
  )");
}

TEST_CASE("STARTTLS (RFC 3207) forgets what was said in clear, and is told in Received") {
  World world;
  world.peer.can_start_tls = true;
  world.check(R"(
    S~ 220 *
    C: LHLO x
    S~ ...
    S: 250-STARTTLS
    S~ 250 SIZE *
    C: MAIL FROM:<a@b>
    S: 250 2.1.0 Sender OK
    C: STARTTLS now
    S: 501 5.5.4 Unexpected argument
    C: STARTTLS
    S: 220 2.0.0 Begin TLS negotiation
    ! want start_tls
    ! tls
    C: RCPT TO:<alice@example.org>
    S: 503 5.5.1 Bad sequence of commands
    C: MAIL FROM:<a@b>
    S: 503 5.5.1 LHLO first
    C: LHLO x
    S: 250-mx.example.org
    S: 250-PIPELINING
    S: 250-ENHANCEDSTATUSCODES
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-CHUNKING
    S: 250-BINARYMIME
    S~ 250 SIZE *
    C: STARTTLS
    S: 503 5.5.1 TLS is active already
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: DATA
    S~ ...
    S~ 354 *
    C: .
    S~ 250 2.0.0 *
    ! field alice 1 with LMTPS id
  )");
}

TEST_CASE("a message that is cut off is not stored") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: DATA
    S~ ...
    S~ 354 *
    C: Subject: half
    C: \r\n.\
    ! disconnect
    ! want close
    ! has alice 0
  )");
}

TEST_CASE("timeouts: between commands, within a message, and of the whole message") {
  SECTION("between commands") {
    World{}.check_greeted(R"(
      ! after 299
      C: NOOP
      S: 250 2.0.0 OK
      ! after 299
      ! want read
      ! after 1
      S: 421 4.4.2 Timeout
      ! want close
    )");
  }
  SECTION("a message that stops") {
    World{}.check_greeted(R"(
      C: MAIL FROM:<a@b>
      C: RCPT TO:<alice@example.org>
      C: DATA
      S~ ...
      S~ 354 *
      C: x
      ! after 179
      C: x
      ! after 179
      ! want read
      ! after 1
      S: 421 4.4.2 Timeout
      ! want close
      ! has alice 0
    )");
  }
  SECTION("a message that drips") {
    World world;
    world.options.message_timeout = std::chrono::seconds(200);
    world.check_greeted(R"(
      C: MAIL FROM:<a@b>
      C: RCPT TO:<alice@example.org>
      C: DATA
      S~ ...
      S~ 354 *
      C: x
      ! after 100
      C: x
      ! after 99
      ! want read
      C: x
      ! after 1
      S: 421 4.4.2 Timeout
      ! want close
    )");
  }
}

TEST_CASE("shutdown: the client is told to come again") {
  World{}.check_greeted(R"(
    C: MAIL FROM:<a@b>
    S: 250 2.1.0 Sender OK
    ! shutdown
    S: 421 4.3.2 Server shutting down
    ! want close
  )");
  World{}.check_greeted(R"(
    C: MAIL FROM:<a@b>
    C: RCPT TO:<alice@example.org>
    C: DATA
    S~ ...
    S~ 354 *
    C: x
    ! shutdown
    S: 421 4.3.2 Server shutting down
    ! want close
    ! has alice 0
  )");
}

TEST_CASE("what is no client: lines without end, and bad commands without end") {
  World world;
  world.options.bad_commands = 3;
  world.check_greeted("    C: NOOP " + std::string(3000, 'x') + R"(
    S: 500 5.5.6 Line too long
    C: NOOP
    S: 250 2.0.0 OK
    C: GET / HTTP/1.1
    C: Host: x
    C: Accept: *
    C: NOOP
    S: 500 5.5.1 Unknown command
    S: 500 5.5.1 Unknown command
    S: 500 5.5.1 Unknown command
    S: 421 4.7.0 Too many bad commands
    ! want close
  )");
}

TEST_CASE("a client that never ends its message is cut off, and costs no memory") {
  World world;
  world.store_options.max_message_size = 10'000;
  world.begin();
  const auto session = world.session();
  talk(*session, "LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n");
  const std::string block(65536, 'x');
  std::string out;
  for (int i = 0; i < 100 && session->want() == protocol::Want::read; ++i) out += talk(*session, block);
  CHECK(out == "421 4.7.0 Too much data\r\n");
  CHECK(session->want() == protocol::Want::close);
}

TEST_CASE("many recipients in one message") {
  World world;
  world.begin();
  std::string input = "LHLO x\r\nMAIL FROM:<a@b>\r\n";
  for (int i = 0; i < 1001; ++i) input += "RCPT TO:<alice+" + std::to_string(i) + "@example.org>\r\n";
  const auto session = world.session();
  std::string out = talk(*session, input);
  CHECK(
      out.ends_with("250 2.1.5 <alice+999@example.org> Recipient OK\r\n"
                    "452 4.5.3 <alice+1000@example.org> Too many recipients\r\n"));
  out = talk(*session, "DATA\r\nx: y\r\n\r\n.\r\n");
  CHECK(std::count(out.begin(), out.end(), '\n') == 1001);
  CHECK(out.find("250 2.0.0 <alice+999@example.org> Stored as ") != std::string::npos);
  CHECK(world.alice->usage().value().messages == 1);
}
