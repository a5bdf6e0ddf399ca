// CATENATE (RFC 4469).
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// UID 1 of INBOX and of Drafts: the message of RFC 4469's examples 1 and 2.
const std::string kDraft =
    "From: Bob Ar <bar@example.org>\r\n"
    "MIME-Version: 1.0\r\n"
    "Subject: About our holiday trip\r\n"
    "Content-Type: multipart/mixed;\r\n"
    "              boundary=\"------------030308070208000400050907\"\r\n"
    "\r\n"
    "--------------030308070208000400050907\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "Our travel agent has sent the schedule.\r\n"
    "--------------030308070208000400050907\r\n"
    "Content-Type: application/x-zip-compressed\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "UEsDBA==\r\n"
    "--------------030308070208000400050907--\r\n";

WorldOptions with_drafts() {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver(kDraft).value();
    account.deliver(kDraft, {.mailbox = "Drafts"}).value();
    account.deliver("new attachment", {.mailbox = "Drafts"}).value();
    account.deliver("from below", {.mailbox = "Drafts/2024 \xC3\xBC"}).value();
  };
  return options;
}

}  // namespace

TEST_CASE("CATENATE: an attachment of a draft is replaced (RFC 4469, example 1)") {
  check_logged_in(R"(
    C: A003 APPEND Drafts (\Seen \Draft $MDNSent) CATENATE (URL "/Drafts/;UID=1/;section=HEADER" TEXT {n}
    S: + OK
    L: --------------030308070208000400050907
    C:  URL "/Drafts/;UID=1/;section=1.MIME" URL "/Drafts/;UID=1/;section=1" TEXT {n}
    S: + OK
    L:
    L: --------------030308070208000400050907
    L:
    C:  URL "/Drafts/;UID=2" TEXT {n}
    S: + OK
    L:
    L: --------------030308070208000400050907--
    C: )
    S~ A003 OK [APPENDUID * 3] *
    C: A004 SELECT Drafts
    S~ ...
    S~ A004 OK *
    C: A005 FETCH 1,3 (FLAGS BODY.PEEK[1] BODY.PEEK[2])
    S: * 1 FETCH (FLAGS (\Recent) BODY[1] {39}
    S: Our travel agent has sent the schedule. BODY[2] {8}
    S: UEsDBA==)
    S: * 3 FETCH (FLAGS (\Seen \Draft \Recent $MDNSent) BODY[1] {39}
    S: Our travel agent has sent the schedule. BODY[2] {14}
    S: new attachment)
    S~ A005 OK *
  )",
                  with_drafts());
}

TEST_CASE("CATENATE: the text of a draft is replaced (RFC 4469, example 2), without waiting") {
  check_logged_in(R"(
    C: A003 APPEND Drafts CATENATE (TEXT {n+}
    L: Subject: edited
    L: Content-Type: multipart/mixed; boundary="------------030308070208000400050907"
    L:
    L: --------------030308070208000400050907
    L: Content-Type: text/plain
    L:
    L: Our travel agent has sent the updated schedule.
    L: --------------030308070208000400050907
    C:  URL "/Drafts/;UID=1/;Section=2.MIME" URL {25+}
    C: /Drafts/;UID=1/;Section=2
    C: A004 NOOP
    S~ A003 BAD *
    S~ A004 OK *
    C: A005 APPEND Drafts CATENATE (TEXT {n+}
    L: Subject: edited
    L: Content-Type: multipart/mixed; boundary="------------030308070208000400050907"
    L:
    L: --------------030308070208000400050907
    C:  URL "/Drafts/;UID=1/;Section=2.MIME" URL {25+}
    C: /Drafts/;UID=1/;Section=2 TEXT {n+}
    L:
    L: --------------030308070208000400050907--
    C: )
    S~ A005 OK [APPENDUID * 3] *
    C: A006 SELECT Drafts
    S~ ...
    S~ A006 OK *
    C: A007 FETCH 3 (BODY.PEEK[1.MIME] BODY.PEEK[1])
    S: * 3 FETCH (BODY[1.MIME] {81}
    S: Content-Type: application/x-zip-compressed
    S: Content-Transfer-Encoding: base64
    S:
    S:  BODY[1] {8}
    S: UEsDBA==)
    S~ A007 OK *
  )",
                  with_drafts());
}

TEST_CASE("CATENATE: a digest with a URL that is wrong (RFC 4469, example 4)") {
  check_logged_in(R"(
    C: A003 APPEND Sent (\Seen $MDNSent) CATENATE (TEXT {n}
    S: + OK
    L: Subject: Digest of the mailing list for today
    L: Content-Type: multipart/digest; boundary="------------030308070208000400050904"
    L:
    L: --------------030308070208000400050904
    C:  URL "/INBOX/;UID=1" TEXT {42}
    S: + OK
    C:
    C: --------------030308070208000400050904
    C:  URL "/INBOX;UIDVALIDITY=785799047/;UID=113330/;section=1.5.9" TEXT {42}
    S~ A003 NO [BADURL "/INBOX;UIDVALIDITY=785799047/;UID=113330/;section=1.5.9"] *
    C: A004 STATUS Sent (MESSAGES UIDNEXT)
    S: * STATUS Sent (MESSAGES 0 UIDNEXT 1)
    S~ A004 OK *
  )",
                  with_drafts());
}

TEST_CASE("CATENATE: which URLs are understood") {
  check_selected(R"x(
    C: a APPEND Sent CATENATE (URL ";UID=1/;PARTIAL=0.5" URL "/inbox/;uid=1/;section=1/;partial=35" TEXT {1+}
    C: . URL "/Drafts/2024%20%C3%BC/;UID=1/;PARTIAL=5.100" URL "/Drafts/;UID=2/;PARTIAL=100")
    S~ a OK [APPENDUID * 1] *
    C: b APPEND Sent CATENATE (URL "Drafts/;UID=2") CATENATE (URL "INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(Subject%20To)")
    S~ b OK [APPENDUID * 2:3] *
    C: c SELECT "Drafts/2024 &APw-"
    S~ ...
    S~ c OK *
    # Beside it, as "2025" is beside "Drafts/2024".
    C: d APPEND Sent CATENATE (URL ";UID=1") CATENATE (URL "2024%20%C3%BC/;UID=1")
    S~ d OK [APPENDUID * 4:5] *
    C: e APPEND Sent CATENATE (URL "Drafts/;UID=2")
    S~ e NO [BADURL *
    C: f SELECT Sent
    S~ ...
    S~ f OK *
    C: g FETCH 1:* (BODY.PEEK[])
    S: * 1 FETCH (BODY[] {15}
    S: From:ule..below)
    S: * 2 FETCH (BODY[] {14}
    S: new attachment)
    S: * 3 FETCH (BODY[] {35}
    S: Subject: About our holiday trip
    S:
    S: )
    S: * 4 FETCH (BODY[] {10}
    S: from below)
    S: * 5 FETCH (BODY[] {10}
    S: from below)
    S~ g OK *
  )x",
                 with_drafts());
}

TEST_CASE("CATENATE: BADURL") {
  check_logged_in(R"x(
    C: a APPEND INBOX CATENATE (URL "imap://alice@localhost/INBOX/;UID=1")
    S: a NO [BADURL "imap://alice@localhost/INBOX/;UID=1"] The URL names no octets here
    C: b APPEND INBOX CATENATE (URL "//bob@localhost/INBOX/;UID=1" TEXT {5}
    S~ b NO [BADURL "//bob@localhost/INBOX/;UID=1"] *
    C: c APPEND INBOX CATENATE (URL "/INBOX;UIDVALIDITY=1/;UID=1")
    S~ c NO [BADURL "/INBOX;UIDVALIDITY=1/;UID=1"] *
    C: d APPEND INBOX CATENATE (URL "/INBOX/;UID=2")
    S~ d NO [BADURL *
    C: e APPEND INBOX CATENATE (URL "/Nowhere/;UID=1")
    S~ e NO [BADURL *
    C: f APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;SECTION=3")
    S~ f NO [BADURL *
    C: g APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;SECTION=1.HEADER")
    S~ g NO [BADURL *
    C: h APPEND INBOX CATENATE (URL ";UID=1")
    S~ h NO [BADURL *
    C: i APPEND INBOX CATENATE (URL "/INBOX")
    S~ i NO [BADURL "/INBOX"] *
    C: j APPEND INBOX CATENATE (URL "")
    S~ j NO [BADURL ""] *
    # Nothing of a URL gets out of the response code.
    C: k APPEND INBOX CATENATE (URL "x]y\"z\\ \xC3")
    S: k NO [BADURL "x%5Dy%22z%5C%20%C3"] The URL names no octets here
    C: l APPEND INBOX CATENATE (URL {n+}
    L: x
    L: * BYE
    C: )
    S: l NO [BADURL "x%0D%0A*%20BYE%0D%0A"] The URL names no octets here
    C: m APPEND INBOX CATENATE (URL "/../bob/INBOX/;UID=1")
    S~ m NO [BADURL *
    C: n APPEND INBOX CATENATE (URL {8193}
    S~ n BAD *
    # The mailbox comes first.
    C: o APPEND Nowhere CATENATE (URL "x")
    S~ o NO [TRYCREATE] *
    C: z STATUS INBOX (MESSAGES UIDNEXT)
    S: * STATUS INBOX (MESSAGES 1 UIDNEXT 2)
    S~ z OK *
  )x",
                  with_drafts());
}

TEST_CASE("CATENATE: a URL with UIDVALIDITY, and \\Seen stays as it is") {
  const WorldOptions options = with_drafts();
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  const Mailbox mailbox = inbox(store.account("alice").value());
  const std::string validity = std::to_string(mailbox.status().value().uid_validity);
  CHECK(client.send("a APPEND INBOX CATENATE (URL \"/INBOX;UIDVALIDITY=" + validity + "/;UID=1\")\r\n") ==
        "* 2 EXISTS\r\n* 2 RECENT\r\na OK [APPENDUID " + validity + " 2] Append completed\r\n");
  CHECK(mailbox.status().value().unseen == 2);
  CHECK(mailbox.status().value().bytes == 2 * kDraft.size());
}

TEST_CASE("CATENATE: empty parts and sizes") {
  WorldOptions options = with_drafts();
  options.store.max_message_size = 1000;
  check_logged_in(R"(
    C: a APPEND Sent CATENATE (TEXT {0}
    S: + OK
    C:  TEXT {1}
    S: + OK
    C: x)
    S~ a OK [APPENDUID * 1] *
    C: b APPEND Sent CATENATE (TEXT {0+}
    C: )
    S~ b NO A message needs *
    C: c APPEND Sent CATENATE (URL "/Drafts/;UID=2/;PARTIAL=14")
    S~ c NO A message needs *
    C: d APPEND Sent CATENATE (TEXT {1001}
    S~ d NO [TOOBIG] *
    C: e APPEND Sent CATENATE (URL "/INBOX/;UID=1" URL "/INBOX/;UID=1" URL "/INBOX/;UID=1" TEXT {5}
    S~ e NO [TOOBIG] *
    C: f APPEND Sent CATENATE (URL "/INBOX/;UID=1" TEXT {18446744073709551616}
    S~ f NO [TOOBIG] *
    C: g STATUS Sent (MESSAGES)
    S: * STATUS Sent (MESSAGES 1)
    S~ g OK *
  )",
                  options);
}

TEST_CASE("CATENATE: large messages are copied in turns") {
  const std::string large = "Subject: large\r\n\r\n" + std::string(3'000'000, 'x') + "\r\n";
  WorldOptions options;
  options.prepare = [&](const Account& account) { account.deliver(large).value(); };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.offer("a APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\" URL \";UID=1/;SECTION=TEXT\")\r\n");
  int turns = 0;
  std::string output;
  for (; output.find("a OK") == std::string::npos && turns < 100; ++turns) output += client.step(64 * 1024);
  CHECK(turns > 5);
  std::string octets;
  inbox(store.account("alice").value()).open(2).value().read(0, SIZE_MAX, octets).value();
  CHECK(octets == large + large.substr(18));
}

TEST_CASE("CATENATE: a message that is expunged meanwhile is read to its end") {
  const std::string large = "Subject: large\r\n\r\n" + std::string(3'000'000, 'x') + "\r\n";
  WorldOptions options;
  options.prepare = [&](const Account& account) { account.deliver(large).value(); };
  const Store store = make_store(options);
  const Account alice = store.account("alice").value();
  Client client(store, options);
  client.log_in_and_select();
  client.offer("a APPEND Sent CATENATE (URL \"/INBOX/;UID=1\")\r\n");
  client.step(64 * 1024);
  client.step(64 * 1024);
  inbox(alice).remove(UidSet::all()).value();
  CHECK(client.send("").find("a OK [APPENDUID") != std::string::npos);
  CHECK(alice.mailbox("Sent").value().status().value().bytes == large.size());
  CHECK(alice.check().value().problems.empty());
}

TEST_CASE("CATENATE: parts that one command may have") {
  const WorldOptions options = with_drafts();
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  std::string octets = "a APPEND INBOX CATENATE (";
  for (int i = 0; i < 1000; ++i) octets += "URL \"/Drafts/;UID=2\" ";
  CHECK(client.send(octets + "TEXT {1}\r\n").find("a NO [LIMIT]") == 0);
  octets.pop_back();
  CHECK(client.send(octets + ")\r\n").find("a OK [APPENDUID") != std::string::npos);
  CHECK(inbox(store.account("alice").value()).status().value().bytes == kDraft.size() + 14'000);
}
