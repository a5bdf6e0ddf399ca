#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("APPEND with flags, keywords and date") {
  check_logged_in(R"(
    C: a APPEND INBOX (\Seen $Label) "17-Jul-1996 02:44:25 -0700" {n}
    S: + OK
    L: Subject: x
    L:
    L: body\
    C:
    S~ a OK [APPENDUID * 1] *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])
    S: * 1 FETCH (FLAGS (\Seen \Recent $Label) INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {18}
    S: Subject: x
    S:
    S: body)
    S~ c OK *
  )");
}

TEST_CASE("APPEND to the selected mailbox shows at once") {
  check_selected(R"(
    C: a APPEND inbox {n+}
    L: x\
    C:
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ a OK [APPENDUID * 1] *
  )");
}

TEST_CASE("APPENDs without waiting, as mbsync sends them") {
  check_selected(R"(
    C: a APPEND Sent (\Seen) {n+}
    L: one\
    C:
    C: b APPEND "Sent" {n+}
    L: two\
    C:
    C: c APPEND {4+}
    C: Sent {n+}
    L: three\
    C:
    C: d STATUS Sent (MESSAGES)
    S~ a OK [APPENDUID * 1] *
    S~ b OK [APPENDUID * 2] *
    S~ c OK [APPENDUID * 3] *
    S: * STATUS Sent (MESSAGES 3)
    S~ d OK *
  )");
}

TEST_CASE("what can't be stored is refused before it is sent") {
  WorldOptions options;
  options.store.max_message_size = 1000;
  check_logged_in(R"(
    C: a APPEND Nowhere {5}
    S~ a NO [TRYCREATE] *
    C: b APPEND INBOX {1001}
    S~ b NO [TOOBIG] *
    C: c APPEND INBOX {0}
    S~ c NO *
    C: d APPEND INBOX {0+}
    C:
    S~ d NO *
    C: e APPEND Nowhere {n+}
    L: e NOOP
    L: x NOOP\
    C:
    S~ e NO [TRYCREATE] *
    C: f APPEND INBOX (\Foo) {5}
    S~ f BAD *
    C: g NOOP
    S~ g OK *
    C: h APPEND INBOX {2001+}
    S~ h NO [TOOBIG] *
    S~ * BYE [TOOBIG] *
    ! want close
  )",
                  options);
}

TEST_CASE("over quota") {
  WorldOptions options;
  options.prepare = [](const Account& account) { account.set_quota({.bytes = 10}).value(); };
  check_logged_in(R"(
    C: a APPEND INBOX {11}
    S~ a NO [OVERQUOTA] *
    C: b APPEND INBOX {n+}
    L: 12345678901\
    C:
    S~ b NO [OVERQUOTA] *
    C: c APPEND INBOX {n+}
    L: 123\
    C:
    S~ c OK *
  )",
                  options);
}

TEST_CASE("APPEND: dates, as they come back") {
  check_logged_in(R"(
    C: a APPEND INBOX " 1-Jan-2000 00:00:00 +0000" {1+}
    C: x "29-Feb-2000 23:59:59 +1400" {1+}
    C: x "31-Dec-1999 23:59:59 -1200" {1+}
    C: x "01-jan-1970 00:00:00 +0000" {1+}
    C: x "31-Dec-9999 23:59:59 -2359" {1+}
    C: x "01-Jan-1900 00:00:00 +0530" {1+}
    C: x
    S~ a OK [APPENDUID * 1:6] *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c FETCH 1:6 INTERNALDATE
    S: * 1 FETCH (INTERNALDATE " 1-Jan-2000 00:00:00 +0000")
    S: * 2 FETCH (INTERNALDATE "29-Feb-2000 23:59:59 +1400")
    S: * 3 FETCH (INTERNALDATE "31-Dec-1999 23:59:59 -1200")
    S: * 4 FETCH (INTERNALDATE " 1-Jan-1970 00:00:00 +0000")
    S: * 5 FETCH (INTERNALDATE "31-Dec-9999 23:59:59 -2359")
    S: * 6 FETCH (INTERNALDATE " 1-Jan-1900 00:00:00 +0530")
    S~ c OK *
    C: d APPEND INBOX "29-Feb-2001 00:00:00 +0000" {1}
    S~ d BAD *
    C: e APPEND INBOX "32-Jan-2000 00:00:00 +0000" {1}
    S~ e BAD *
    C: f APPEND INBOX "00-Jan-2000 00:00:00 +0000" {1}
    S~ f BAD *
    C: g APPEND INBOX "01-Jan-2000 24:00:00 +0000" {1}
    S~ g BAD *
    C: h APPEND INBOX "01-Jan-2000 00:00:00 +2400" {1}
    S~ h BAD *
    C: i APPEND INBOX "01-Jan-2000 00:00:00" {1}
    S~ i BAD *
    C: j APPEND INBOX "01-Foo-2000 00:00:00 +0000" {1}
    S~ j BAD *
    C: k APPEND INBOX "" {1}
    S~ k BAD *
  )");
}

TEST_CASE("APPEND: flags that are no flags of a message") {
  check_selected(R"(
    C: a APPEND INBOX (\Recent \seen $Forwarded NonJunk nonjunk) {1+}
    C: x
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ a OK *
    C: b FETCH 1 FLAGS
    S~ * FLAGS (* $Forwarded NonJunk)
    S~ * OK [PERMANENTFLAGS *
    S: * 1 FETCH (FLAGS (\Seen \Recent $Forwarded NonJunk))
    S~ b OK *
    C: c APPEND INBOX (\*) {1}
    S~ c BAD *
    C: d APPEND INBOX \Seen {1}
    S~ d BAD *
    C: e APPEND INBOX () {1+}
    C: y
    S: * 2 EXISTS
    S: * 2 RECENT
    S~ e OK *
  )");
}

TEST_CASE("APPEND to a mailbox that is there for its children only") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.create_mailbox("a/b").value();
    account.remove_mailbox("a").value();
  };
  check_logged_in(R"(
    C: a APPEND a {1}
    S~ a NO [TRYCREATE] *
    C: b CREATE a
    S~ b OK *
    C: c APPEND a {1}
    S: + OK
    C: x
    S~ c OK *
    ! remove a/b
    C: d APPEND a/b {1}
    S~ d NO [TRYCREATE] *
  )",
                  options);
}

TEST_CASE("APPEND: what is no literal") {
  check_logged_in(R"(
    C: a APPEND INBOX "a message"
    S~ a BAD *
    C: b APPEND INBOX
    S~ b BAD *
    C: c APPEND
    S~ c BAD *
    C: d APPEND INBOX (\Seen)
    S~ d BAD *
    C: e APPEND {1000000}
    S~ e BAD [TOOBIG] *
    C: f UID APPEND INBOX {1}
    S: + OK
    C: x
    S: f BAD Unknown command
  )");
}

TEST_CASE("five megabytes go in and come out, octet by octet the same") {
  const Store store = make_store({});
  Client client(store);
  client.log_in_and_select();
  std::string mail = "Subject: big\r\n\r\n";
  for (int i = 0; mail.size() < 5 * 1024 * 1024; ++i) mail += "line " + std::to_string(i) + " \x80\xFF of many\r\n";

  CHECK(client.send("a APPEND INBOX {" + std::to_string(mail.size()) + "}\r\n") == "+ OK\r\n");
  for (std::size_t at = 0; at < mail.size(); at += 10'000) client.send(mail.substr(at, 10'000));
  CHECK(client.send("\r\n").find("a OK [APPENDUID") != std::string::npos);

  client.offer("b FETCH 1 BODY.PEEK[]\r\n");
  std::string output;
  std::size_t longest = 0;
  for (;;) {
    const std::string piece = client.step(32 * 1024);
    longest = std::max(longest, piece.size());
    output += piece;
    if (client.session().want() != protocol::Want::write) break;
  }
  const std::string head = "* 1 FETCH (BODY[] {" + std::to_string(mail.size()) + "}\r\n";
  REQUIRE(output.size() == head.size() + mail.size() + std::string(")\r\nb OK Fetch completed\r\n").size());
  CHECK(output.compare(head.size(), mail.size(), mail) == 0);
  CHECK(longest < 64 * 1024);
}

TEST_CASE("a client that vanishes within an APPEND leaves nothing behind") {
  const Store store = make_store({});
  {
    Client client(store);
    client.log_in_and_select();
    client.send("a APPEND INBOX {1000}\r\n");
    client.send("half");
    client.session().on_disconnect();
  }
  CHECK(inbox(store.account("alice").value()).status().value().messages == 0);
  CHECK(store.account("alice").value().usage().value().bytes == 0);
}
