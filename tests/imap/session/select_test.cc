#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("SELECT tells what a client needs") {
  check_logged_in(R"(
    ! flag 1 \Seen
    ! flag 1 $Label
    C: a SELECT Inbox
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label \*)] Flags permitted
    S: * 3 EXISTS
    S: * 3 RECENT
    S~ * OK [UNSEEN 2] *
    S~ * OK [UIDVALIDITY *] *
    S~ * OK [UIDNEXT 4] *
    S~ * OK [MAILBOXID (F*)] *
    S~ * OK [HIGHESTMODSEQ 7] *
    S: a OK [READ-WRITE] Select completed
    C: b SELECT INBOX
    S: * OK [CLOSED] The previous mailbox is closed
    S~ ...
    S: * 0 RECENT
    S~ ...
    S~ b OK *
  )",
                  {.prepare = with_messages(3)});
}

TEST_CASE("EXAMINE claims nothing and permits no change") {
  check_logged_in(R"(
    C: a EXAMINE INBOX
    S~ * FLAGS *
    S: * OK [PERMANENTFLAGS ()] Read-only mailbox
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ ...
    S: a OK [READ-ONLY] Examine completed
    C: b STORE 1 +FLAGS (\Deleted)
    S~ b NO [READ-ONLY] *
    C: c EXPUNGE
    S~ c NO [READ-ONLY] *
    C: d UID EXPUNGE 1
    S~ d NO [READ-ONLY] *
    C: e MOVE 1 Trash
    S~ e NO [READ-ONLY] *
    C: f FETCH 1 (FLAGS BODY[TEXT])
    S: * 1 FETCH (FLAGS (\Recent) BODY[TEXT] {9}
    S: Hello 1
    S: )
    S~ f OK *
    C: g COPY 1 Trash
    S~ g OK [COPYUID *
    C: h CLOSE
    S~ h OK *
    C: i SELECT INBOX
    S~ ...
    S: * 1 RECENT
    S~ ...
    S~ i OK [READ-WRITE] *
  )",
                  {.prepare = with_messages(1)});
}

TEST_CASE("a SELECT that fails leaves no mailbox selected") {
  check_selected(R"(
    C: a SELECT Nowhere
    S~ * OK [CLOSED] *
    S~ a NO [NONEXISTENT] *
    C: b FETCH 1 FLAGS
    S: b BAD No mailbox is selected
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("CLOSE expunges without a word, UNSELECT doesn't") {
  check_selected(R"(
    C: a STORE 1 +FLAGS.SILENT (\Deleted)
    S~ a OK *
    C: b UNSELECT
    S~ b OK *
    C: c SELECT INBOX
    S~ ...
    S: * 2 EXISTS
    S~ ...
    S~ c OK *
    C: d CLOSE
    S~ d OK *
    C: e SELECT INBOX
    S~ ...
    S: * 1 EXISTS
    S~ ...
    S~ e OK *
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("deleting the selected mailbox oneself unselects it") {
  check_logged_in(R"(
    C: a SELECT Trash
    S~ ...
    S~ a OK *
    C: b DELETE Trash
    S: b OK Delete completed
    C: c CHECK
    S: c BAD No mailbox is selected
  )");
}

TEST_CASE("somebody else deletes the selected mailbox") {
  check_logged_in(R"(
    C: a SELECT Trash
    S~ ...
    S~ a OK *
    ! remove Trash
    C: b NOOP
    S~ b OK *
    S: * BYE The mailbox was deleted
    ! want close
  )");
  check_logged_in(R"(
    C: a SELECT Trash
    S~ ...
    S~ a OK *
    C: b IDLE
    S: + idling
    ! remove Trash
    S: * BYE The mailbox was deleted
    ! want close
  )");
}
