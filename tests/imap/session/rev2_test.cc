// IMAP4rev2 (RFC 9051) beside IMAP4rev1.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("SELECT in IMAP4rev2: a LIST response, nothing of RECENT and UNSEEN") {
  // RFC 9051 §8.
  check_logged_in(R"(
    C: a ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: a OK Enabled
    C: b select inbox
    S: * LIST (\HasNoChildren) "/" INBOX ("OLDNAME" (inbox))
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
    S~ * OK [PERMANENTFLAGS *
    S: * 2 EXISTS
    S~ * OK [UIDVALIDITY *
    S: * OK [UIDNEXT 3] Next UID
    S~ * OK [MAILBOXID (F*)] *
    S: * OK [HIGHESTMODSEQ 4] Highest
    S: b OK [READ-WRITE] Select completed
    C: c FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS ())
    S~ c OK *
    ! deliver three
    ! flag 2 \Seen
    C: d NOOP
    S: * 3 EXISTS
    S: * 2 FETCH (UID 2 FLAGS (\Seen))
    S: d OK Done
    C: e STORE 1 +FLAGS (\Flagged)
    S: * 1 FETCH (FLAGS (\Flagged))
    S~ e OK *
    C: f EXAMINE Sent
    S: * OK [CLOSED] The previous mailbox is closed
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S~ ...
    S~ f OK [READ-ONLY] *
    C: g SELECT Nowhere
    S~ * OK [CLOSED] *
    S~ g NO [NONEXISTENT] *
  )",
                  {.prepare = with_messages(2)});
}

TEST_CASE("IMAP4rev2 can be enabled with a mailbox selected, once") {
  check_selected(R"(
    C: a FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS (\Recent))
    S~ a OK *
    C: b ENABLE imap4REV2
    S: * ENABLED IMAP4rev2
    S~ b OK *
    C: c FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS ())
    S~ c OK *
    C: d ENABLE IMAP4rev2 IMAP4rev1
    S: * ENABLED
    S: d OK Nothing enabled
    # RFC 9051 §6.3.1: the list stays as it was.
    C: e CAPABILITY
    S~ * CAPABILITY IMAP4rev1 IMAP4rev2 *
    S~ e OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("mailbox names are UTF-8 in IMAP4rev2 and modified UTF-7 without") {
  check_logged_in(R"(
    C: a CREATE "Entw&APw-rfe & mehr"
    S~ a BAD *
    C: b CREATE "Entw&APw-rfe &- mehr"
    S~ b OK *
    C: c LIST "" Entw*
    S: * LIST (\HasNoChildren) "/" "Entw&APw-rfe &- mehr"
    S~ c OK *
    C: d ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S~ d OK *
    C: e LIST "" Entw*
    S: * LIST (\HasNoChildren) "/" "Entw\xC3\xBCrfe & mehr"
    S~ e OK *
    C: f STATUS "Entw\xC3\xBCrfe & mehr" (MESSAGES)
    S: * STATUS "Entw\xC3\xBCrfe & mehr" (MESSAGES 0)
    S~ f OK *
    C: g SELECT "Entw\xC3\xBCrfe & mehr"
    S: * LIST (\HasNoChildren) "/" "Entw\xC3\xBCrfe & mehr"
    S~ ...
    S~ g OK *
    # u with a combining diaeresis is the same name, and the client is told the one that counts.
    C: h EXAMINE "Entwu\xCC\x88rfe & mehr"
    S~ * OK [CLOSED] *
    S: * LIST (\HasNoChildren) "/" "Entw\xC3\xBCrfe & mehr" ("OLDNAME" ("Entwu\xCC\x88rfe & mehr"))
    S~ ...
    S~ h OK *
    # No modified UTF-7 any more.
    C: i SELECT "Entw&APw-rfe &- mehr"
    S~ * OK [CLOSED] *
    S~ i NO [NONEXISTENT] *
    C: j SUBSCRIBE "Entw\xC3\xBCrfe & mehr"
    S~ j OK *
    C: k LSUB "" E*
    S: * LSUB () "/" "Entw\xC3\xBCrfe & mehr"
    S~ k OK *
    C: l CREATE "bad \xFF"
    S~ l BAD *
    C: m CREATE "line\xE2\x80\xA8separator"
    S~ m NO [CANNOT] *
    C: n SELECT inbox/x
    S~ n NO [NONEXISTENT] *
  )");
}

TEST_CASE("the attributes of the selected mailbox are right") {
  check_logged_in(R"(
    C: a ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S~ a OK *
    ! create Inbox/sub
    ! create Archive/2026
    C: b SELECT INBOX
    S: * LIST (\HasChildren) "/" INBOX
    S~ ...
    S~ b OK *
    C: c SELECT Archive
    S~ * OK [CLOSED] *
    S: * LIST (\HasChildren \Archive) "/" Archive
    S~ ...
    S~ c OK *
    C: d SELECT inbox/sub
    S~ * OK [CLOSED] *
    S: * LIST (\HasNoChildren) "/" INBOX/sub ("OLDNAME" (inbox/sub))
    S~ ...
    S~ d OK *
  )");
}

TEST_CASE("IMAP4rev2 with CONDSTORE and QRESYNC") {
  check_logged_in(R"(
    C: a ENABLE IMAP4rev2 QRESYNC CONDSTORE
    S: * ENABLED CONDSTORE QRESYNC IMAP4rev2
    S~ a OK *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    ! expunge 1
    ! flag 2 \Seen
    C: c NOOP
    S: * VANISHED 1
    S: * 1 FETCH (UID 2 FLAGS (\Seen) MODSEQ (6))
    S: c OK Done
    C: d STORE 1 +FLAGS (\Deleted)
    S: * 1 FETCH (UID 2 FLAGS (\Deleted \Seen) MODSEQ (7))
    S: d OK Store completed
  )",
                  {.prepare = with_messages(2)});
}

TEST_CASE("a session in IMAP4rev2 claims no \\Recent from the others") {
  const Store store = make_store({.prepare = with_messages(2)});
  Client client(store);
  client.send("a LOGIN alice secret\r\nb ENABLE IMAP4rev2\r\n");
  CHECK(client.send("c SELECT INBOX\r\n").find("c OK [READ-WRITE]") != std::string::npos);
  // Nor can it ask for it.
  CHECK(client.send("d STATUS INBOX (RECENT)\r\n") == "d BAD Unknown STATUS item\r\n");
  Client other(store);
  other.send("a LOGIN alice secret\r\n");
  CHECK(other.send("b STATUS INBOX (RECENT)\r\n").starts_with("* STATUS INBOX (RECENT 2)\r\n"));
}
