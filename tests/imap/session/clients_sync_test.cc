// What programs that copy whole accounts do, mbsync, offlineimap and imapsync, and what they need back.
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

// --- mbsync -----------------------------------------------------------------------------------------------------------

// It doesn't wait for answers, not even before LOGOUT, and expects the connection to be closed in good order.
TEST_CASE("mbsync: everything in one go, and a clean close after LOGOUT") {
  check_logged_in(R"(
    C: 4 NAMESPACE
    C: 5 LIST "" "*"
    C: 6 SELECT "INBOX"
    C: 7 UID FETCH 1:2 (UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (X-TUID)])
    C: 8 UID STORE 1 +FLAGS (\Deleted)
    C: 9 UID STORE 2 +FLAGS (\Seen)
    C: 10 CLOSE
    C: 11 LOGOUT
    C: 12 NOOP
    S~ * NAMESPACE *
    S~ 4 OK *
    S~ * LIST *
    S~ ...
    S~ 5 OK *
    S~ * FLAGS *
    S~ ...
    S~ 6 OK *
    S: * 1 FETCH (UID 1 FLAGS (\Recent) RFC822.SIZE 23 BODY[HEADER.FIELDS (X-TUID)] {2}
    S:
    S: )
    S: * 2 FETCH (UID 2 FLAGS (\Recent) RFC822.SIZE 23 BODY[HEADER.FIELDS (X-TUID)] {2}
    S:
    S: )
    S~ 7 OK *
    S: * 1 FETCH (UID 1 FLAGS (\Deleted \Recent))
    S~ 8 OK *
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent))
    S~ 9 OK *
    S~ 10 OK *
    S~ * BYE *
    S~ 11 OK *
    ! want close
  )",
                  {.prepare = with_messages(2)});
}

// It stops with an error if UIDVALIDITY changes.
TEST_CASE("mbsync: UIDVALIDITY stays while messages come and go, all of them") {
  const Store store = make_store({.prepare = with_messages(2)});
  Client client(store);
  client.log_in_and_select();
  const auto validity = [&client] {
    const std::string output = client.send("1 SELECT Archive\r\n");
    const auto now = number_behind(output, "[UIDVALIDITY ");
    CHECK(number_behind(client.send("2 STATUS Archive (UIDVALIDITY)\r\n"), "UIDVALIDITY ") == now);
    return now;
  };
  const auto first = validity();
  CHECK(first != 0);
  client.send("3 SELECT INBOX\r\n");
  const std::string moved = client.send("4 UID MOVE 1:2 Archive\r\n");
  CHECK(number_behind(moved, "[COPYUID ") == first);
  CHECK(validity() == first);
  client.send("5 UID STORE 1:* +FLAGS.SILENT (\\Deleted)\r\n6 CLOSE\r\n");
  CHECK(validity() == first);
  CHECK(client.send("7 STATUS Archive (MESSAGES UIDNEXT)\r\n") ==
        "* STATUS Archive (MESSAGES 0 UIDNEXT 3)\r\n7 OK Status completed\r\n");
}

TEST_CASE("mbsync: a thousand APPENDs that were sent without waiting") {
  const Store store = make_store({});
  Client client(store);
  client.send("1 LOGIN alice secret\r\n");
  std::string commands;
  for (int i = 1; i <= 1000; ++i) {
    const std::string mail = "X-TUID: " + std::to_string(i) + "\r\n" + message(std::to_string(i));
    commands +=
        std::to_string(i) + " APPEND \"Archive\" (\\Seen) {" + std::to_string(mail.size()) + "+}\r\n" + mail + "\r\n";
  }
  const std::string output = client.send(commands);
  std::size_t at = 0;
  for (int i = 1; i <= 1000; ++i) {
    const std::string tag = std::to_string(i);
    REQUIRE(output.compare(at, tag.size() + 15, tag + " OK [APPENDUID ") == 0);
    at = output.find("\r\n", at) + 2;
    REQUIRE(output.rfind(" " + tag + "] ", at) != std::string::npos);
  }
  CHECK(at == output.size());
  CHECK(client.send("s SELECT Archive\r\n").find("* 1000 EXISTS\r\n") != std::string::npos);
  CHECK(client.send("u UID SEARCH HEADER X-TUID 777\r\n") == "* SEARCH 777\r\nu OK Search completed\r\n");
}

// --- offlineimap ------------------------------------------------------------------------------------------------------

// Without UIDPLUS it finds out a new message's UID by a header that it adds.
TEST_CASE("offlineimap: finds its message by X-OfflineIMAP, right after the APPEND") {
  WorldOptions options{.prepare = with_messages(2)};
  options.session.capabilities.off = {"UIDPLUS"};
  check_selected(R"(
    C: A1 APPEND "INBOX" (\Seen) "17-Jul-2026 02:44:25 -0700" {n}
    S: + OK
    L: X-OfflineIMAP: 3021871203-0145219876-v7.3.3
    L: Subject: x
    L:
    L: body\
    C:
    S~ ...
    S~ A1 OK *
    C: A2 UID SEARCH HEADER X-OfflineIMAP 3021871203-0145219876-v7.3.3
    S: * SEARCH 3
    S~ A2 OK *
    C: A3 UID SEARCH HEADER X-OfflineIMAP 3021871203-0145219877-v7.3.3
    S: * SEARCH
    S~ A3 OK *
    C: A4 UID SEARCH HEADER X-OfflineIMAP ""
    S: * SEARCH 3
    S~ A4 OK *
    C: A5 CHECK
    S~ A5 OK *
  )",
                 options);
}

// --- imapsync ---------------------------------------------------------------------------------------------------------

// It knows messages by Message-Id and Received: whatever a server rewrites is copied a second time.
TEST_CASE("imapsync: headers and bodies come back octet for octet") {
  const std::string mail =
      "Return-Path: <a@example.org>\r\n"
      "received: from  a\t(b)\r\n\tby c ; Tue,  1 Jan 2026\r\n"
      "X-Empty:\r\n"
      "Message-ID :  <odd id@example.org>  \r\n"
      "RECEIVED: by d\r\n"
      "Subject: =?utf-8?q?x?=  \xFC\r\n"
      "\r\n"
      " trailing  \r\n.\r\nFrom x\r\n\tlast line without its end";
  WorldOptions options;
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  const std::string size = std::to_string(mail.size());
  CHECK(client.send("1 APPEND INBOX (\\Seen) {" + size + "+}\r\n" + mail + "\r\n").find("1 OK [APPENDUID ") !=
        std::string::npos);
  CHECK(client.send("2 UID COPY 1 Archive\r\n").find("2 OK") != std::string::npos);
  for (const std::string name : {"INBOX", "Archive"}) {
    CHECK(client.send("3 SELECT " + name + "\r\n").find("3 OK") != std::string::npos);
    CHECK(client.send("4 UID FETCH 1 (RFC822.SIZE BODY.PEEK[])\r\n") == "* 1 FETCH (UID 1 RFC822.SIZE " + size +
                                                                            " BODY[] {" + size + "}\r\n" + mail +
                                                                            ")\r\n4 OK Fetch completed\r\n");
    CHECK(client.send("5 UID FETCH 1 BODY.PEEK[HEADER.FIELDS (Message-Id Received)]\r\n") ==
          "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (Message-Id Received)] {105}\r\n"
          "received: from  a\t(b)\r\n\tby c ; Tue,  1 Jan 2026\r\n"
          "Message-ID :  <odd id@example.org>  \r\n"
          "RECEIVED: by d\r\n\r\n)\r\n5 OK Fetch completed\r\n");
  }
}

TEST_CASE("imapsync: searches by Message-Id and Received") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("Received: by mx.example.org id 1\r\nMessage-Id: <1@example.org>\r\n\r\nx\r\n").value();
    account.deliver("Received: by mx.example.org\r\n\tid 2\r\nMESSAGE-ID: <2@example.org>\r\n\r\nx\r\n").value();
    account.deliver("Received: by other\r\n\r\n<1@example.org>\r\n").value();
  };
  check_selected(R"(
    C: 1 UID SEARCH HEADER Message-Id "<1@example.org>"
    S: * SEARCH 1
    S~ 1 OK *
    C: 2 UID SEARCH HEADER Message-ID <2@example.org>
    S: * SEARCH 2
    S~ 2 OK *
    C: 3 UID SEARCH HEADER Received "mx.example.org id 2"
    S: * SEARCH 2
    S~ 3 OK *
    C: 4 UID SEARCH NOT HEADER Message-Id "@"
    S: * SEARCH 3
    S~ 4 OK *
    C: 5 UID SEARCH HEADER Received "" UNDELETED
    S: * SEARCH 1 2 3
    S~ 5 OK *
  )",
                 options);
}

TEST_CASE("imapsync: after OVERQUOTA it goes on as soon as there is room") {
  WorldOptions options;
  options.prepare = [](const Account& account) { account.set_quota({.bytes = 5}).value(); };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  const std::string command = "1 APPEND INBOX {6+}\r\n123456\r\n";
  CHECK(client.send(command).find("1 NO [OVERQUOTA] ") == 0);
  CHECK(client.send(command).find("1 NO [OVERQUOTA] ") == 0);
  store.account("alice").value().set_quota({.bytes = 6}).value();
  CHECK(client.send(command).find("1 OK [APPENDUID ") != std::string::npos);
  CHECK(client.send(command).find("1 NO [OVERQUOTA] ") == 0);
  CHECK(client.send("2 UID STORE 1 +FLAGS.SILENT (\\Deleted)\r\n3 EXPUNGE\r\n").find("3 OK ") != std::string::npos);
  CHECK(client.send(command).find("1 OK [APPENDUID ") != std::string::npos);
}
