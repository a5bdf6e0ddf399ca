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
