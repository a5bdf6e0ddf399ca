// CONDSTORE (RFC 7162 §3.1). INBOX is made with MODSEQ 2; each change of the account takes the next one.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("SELECT tells HIGHESTMODSEQ, never 0") {
  check_logged_in(R"(
    C: a SELECT INBOX
    S~ ...
    S: * OK [HIGHESTMODSEQ 2] Highest
    S: a OK [READ-WRITE] Select completed
    C: b EXAMINE INBOX (CONDSTORE)
    S~ ...
    S: * OK [HIGHESTMODSEQ 2] Highest
    S: b OK [READ-ONLY] Examine completed
    C: c STATUS Trash (HIGHESTMODSEQ MESSAGES)
    S: * STATUS Trash (MESSAGES 0 HIGHESTMODSEQ 2)
    S~ c OK *
    C: d SELECT INBOX (CONDSTORE FOO)
    S~ d BAD *
    C: e SELECT INBOX ()
    S~ e BAD *
    C: f CHECK
    S~ f OK *
  )");
}

TEST_CASE("each command that uses CONDSTORE enables it, and the first one tells HIGHESTMODSEQ") {
  // Without: no MODSEQ anywhere.
  check_selected(R"(
    ! flag 1 \Flagged
    C: a STORE 1 +FLAGS (\Seen)
    S: * 1 FETCH (FLAGS (\Flagged \Seen \Recent))
    S: a OK Store completed
    C: b NOOP
    S: b OK Done
  )",
                 {.prepare = with_messages(2)});
  for (const char* command : {"FETCH 1 (MODSEQ)", "FETCH 1 FLAGS (CHANGEDSINCE 3)", "FETCH 1:2 FLAGS (CHANGEDSINCE 0)",
                              "STORE 1 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\\Draft)", "STATUS INBOX (HIGHESTMODSEQ)"}) {
    check_selected(std::string("C: a ") + command + R"(
      S: * OK [HIGHESTMODSEQ 4] Highest
      S~ ...
      S~ a OK *
      ! flag 2 \Flagged
      C: b NOOP
      S~ * 2 FETCH (UID 2 FLAGS (\Flagged \Recent) MODSEQ (*))
      S: b OK Done
      C: c FETCH 1 (MODSEQ)
      S~ * 1 FETCH (MODSEQ (*))
      S: c OK Fetch completed
    )",
                   {.prepare = with_messages(2)});
  }
  check_selected(R"(
    C: a ENABLE CONDSTORE
    S: * ENABLED CONDSTORE
    S: * OK [HIGHESTMODSEQ 3] Highest
    S: a OK Enabled
    C: b ENABLE CONDSTORE
    S: * ENABLED
    S: b OK Nothing enabled
    C: c STORE 1 +FLAGS (\Seen)
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent) MODSEQ (4))
    S: c OK Store completed
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("FETCH MODSEQ and CHANGEDSINCE") {
  check_selected(R"(
    ! flag 2 \Seen
    ! flag 4 $Junk
    C: a FETCH 1:3 (MODSEQ)
    S: * OK [HIGHESTMODSEQ 6] Highest
    S: * 1 FETCH (MODSEQ (3))
    S: * 2 FETCH (MODSEQ (7))
    S: * 3 FETCH (MODSEQ (5))
    S~ * FLAGS *
    S~ * OK [PERMANENTFLAGS *
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (7))
    S: * 4 FETCH (UID 4 FLAGS (\Recent $Junk) MODSEQ (8))
    S: a OK Fetch completed
    C: b UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5)
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (7))
    S: * 4 FETCH (UID 4 FLAGS (\Recent $Junk) MODSEQ (8))
    S: b OK Fetch completed
    C: c FETCH 1:3 (RFC822.SIZE BODY.PEEK[TEXT]<0.5>) (CHANGEDSINCE 6)
    S: * 2 FETCH (RFC822.SIZE 23 MODSEQ (7) BODY[TEXT]<0> {5}
    S: Hello)
    S: c OK Fetch completed
    C: d FETCH 1:4 FLAGS (CHANGEDSINCE 8)
    S: d OK Fetch completed
    C: e UID FETCH 1:3 FLAGS (CHANGEDSINCE 0)
    S: * 1 FETCH (UID 1 FLAGS (\Recent) MODSEQ (3))
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (7))
    S: * 3 FETCH (UID 3 FLAGS (\Recent) MODSEQ (5))
    S: e OK Fetch completed
    C: f FETCH 1 FLAGS (CHANGEDSINCE)
    S~ f BAD *
    C: g FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)
    S~ g BAD *
    C: h FETCH 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)
    S~ h BAD *
    C: i FETCH 9 FLAGS (CHANGEDSINCE 1)
    S~ i BAD *
  )",
                 {.prepare = with_messages(4)});
}

TEST_CASE("a FETCH that sets \\Seen tells the new MODSEQ") {
  check_selected(R"(
    C: a FETCH 1 (BODY[TEXT])
    S: * 1 FETCH (FLAGS (\Seen \Recent) BODY[TEXT] {9}
    S: Hello 1
    S: )
    S: a OK Fetch completed
    C: b ENABLE CONDSTORE
    S~ ...
    S: * OK [HIGHESTMODSEQ 5] Highest
    S~ b OK *
    C: c FETCH 1:2 (BODY[TEXT]<0.1>)
    S: * 1 FETCH (BODY[TEXT]<0> {1}
    S: H)
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (6) BODY[TEXT]<0> {1}
    S: H)
    S: c OK Fetch completed
    C: d NOOP
    S: d OK Done
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("STORE UNCHANGEDSINCE: messages that pass and messages that fail") {
  check_selected(R"(
    ! flag 2 \Flagged
    C: a STORE 1:3 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\Deleted)
    S: * OK [HIGHESTMODSEQ 5] Highest
    S: * 1 FETCH (UID 1 MODSEQ (7))
    S: * 3 FETCH (UID 3 MODSEQ (7))
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent) MODSEQ (6))
    S: a OK [MODIFIED 2] Conditional store failed for some messages
    C: b UID STORE 2 (UNCHANGEDSINCE 6) +FLAGS.SILENT (\Deleted)
    S: * 2 FETCH (UID 2 MODSEQ (8))
    S: b OK Store completed
    C: c STORE 1:3 (UNCHANGEDSINCE 7) +FLAGS (\Seen)
    S: * 1 FETCH (UID 1 FLAGS (\Deleted \Seen \Recent) MODSEQ (9))
    S: * 3 FETCH (UID 3 FLAGS (\Deleted \Seen \Recent) MODSEQ (9))
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Deleted \Recent) MODSEQ (8))
    S: c OK [MODIFIED 2] Conditional store failed for some messages
    C: d UID STORE 1:* (UNCHANGEDSINCE 1) FLAGS ()
    S: * 1 FETCH (UID 1 FLAGS (\Deleted \Seen \Recent) MODSEQ (9))
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Deleted \Recent) MODSEQ (8))
    S: * 3 FETCH (UID 3 FLAGS (\Deleted \Seen \Recent) MODSEQ (9))
    S: d OK [MODIFIED 1:3] Conditional store failed for some messages
    # The flag is there already: the MODSEQ stays, and is told.
    C: e STORE 1,1:1 (UNCHANGEDSINCE 9) +FLAGS.SILENT (\Seen)
    S: * 1 FETCH (UID 1 MODSEQ (9))
    S: e OK Store completed
    C: f STORE 1 (UNCHANGEDSINCE 9 UNCHANGEDSINCE 9) +FLAGS (\Seen)
    S~ f BAD *
    C: g STORE 1 (CHANGEDSINCE 9) +FLAGS (\Seen)
    S~ g BAD *
    C: h STORE 4 (UNCHANGEDSINCE 9) +FLAGS (\Seen)
    S~ h BAD *
    C: i UID STORE 77 (UNCHANGEDSINCE 9) +FLAGS (\Seen)
    S: i OK Store completed
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("UNCHANGEDSINCE 0 lets the first of many set a keyword") {
  check_selected(R"(
    C: a STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)
    S: * OK [HIGHESTMODSEQ 3] Highest
    S~ * FLAGS *
    S~ * OK [PERMANENTFLAGS *
    S: * 1 FETCH (UID 1 MODSEQ (4))
    S: a OK Store completed
    C: b STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)
    S: * 1 FETCH (UID 1 FLAGS (\Recent $MDNSent) MODSEQ (4))
    S: b OK [MODIFIED 1] Conditional store failed for some messages
    C: c STORE 1 (UNCHANGEDSINCE 0) +FLAGS (\Seen)
    S~ * 1 FETCH *
    S~ c OK [MODIFIED 1] *
    C: d STORE 1 (UNCHANGEDSINCE 0) FLAGS (other)
    S~ ...
    S~ d OK [MODIFIED 1] *
    C: e STORE 1 (UNCHANGEDSINCE 0) -FLAGS (nobody)
    S: * 1 FETCH (UID 1 FLAGS (\Recent $MDNSent) MODSEQ (4))
    S: e OK Store completed
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("UNCHANGEDSINCE with messages that others expunged") {
  // RFC 7162 §3.1.3 example 11.
  check_selected(R"(
    C: a ENABLE CONDSTORE
    S~ ...
    S~ a OK *
    ! flag 2 \Flagged
    ! expunge 4:5
    C: b STORE 1:5 (UNCHANGEDSINCE 7) +FLAGS (\Seen)
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent) MODSEQ (10))
    S: * 3 FETCH (UID 3 FLAGS (\Seen \Recent) MODSEQ (10))
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent) MODSEQ (8))
    # The expunge has MODSEQ 9 and is not told yet: the client must not take 10 for its own.
    S: * OK [HIGHESTMODSEQ 7] Highest
    S: b NO [MODIFIED 2] Some of the messages no longer exist
    C: c STORE 1 +FLAGS.SILENT (\Draft)
    S: * 1 FETCH (UID 1 MODSEQ (11))
    S: c OK [HIGHESTMODSEQ 7] Store completed
    C: d NOOP
    S: * 5 EXPUNGE
    S: * 4 EXPUNGE
    S: d OK [HIGHESTMODSEQ 11] Done
    C: e NOOP
    S: e OK Done
  )",
                 {.prepare = with_messages(5)});
}

TEST_CASE("a silent STORE tells the MODSEQ, and what others had changed") {
  check_selected(R"(
    C: a ENABLE CONDSTORE
    S~ ...
    S~ a OK *
    C: b STORE 1:2 +FLAGS.SILENT (\Seen)
    S: * 1 FETCH (UID 1 MODSEQ (6))
    S: * 2 FETCH (UID 2 MODSEQ (6))
    S: b OK Store completed
    ! flag 2 \Flagged
    C: c STORE 1:3 +FLAGS.SILENT (\Draft)
    S: * 1 FETCH (UID 1 MODSEQ (8))
    S: * 3 FETCH (UID 3 MODSEQ (8))
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Seen \Draft \Recent) MODSEQ (8))
    S: c OK Store completed
    # Nothing changes, so nothing is told.
    C: d STORE 1:3 +FLAGS.SILENT (\Draft)
    S: d OK Store completed
    C: e UID STORE 1 +FLAGS (\Draft)
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Draft \Recent) MODSEQ (8))
    S: e OK Store completed
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("two sessions race for a lock") {
  WorldOptions options;
  options.prepare = with_messages(1);
  const Store store = make_store(options);
  Client one(store, options);
  Client two(store, options);
  one.log_in_and_select();
  two.log_in_and_select();
  one.send("a ENABLE CONDSTORE\r\n");
  two.send("a ENABLE CONDSTORE\r\n");
  CHECK(one.send("b STORE 1 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Flagged)\r\n") ==
        "* 1 FETCH (UID 1 MODSEQ (4))\r\nb OK Store completed\r\n");
  CHECK(two.send("b STORE 1 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Flagged)\r\n") ==
        "* 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ (4))\r\n"
        "b OK [MODIFIED 1] Conditional store failed for some messages\r\n");
}

TEST_CASE("EXPUNGE and MOVE tell the new HIGHESTMODSEQ, CLOSE doesn't") {
  check_selected(R"(
    C: a ENABLE CONDSTORE
    S~ ...
    S~ a OK *
    C: b STORE 1 +FLAGS.SILENT (\Deleted)
    S~ ...
    S~ b OK *
    C: c EXPUNGE
    S: * 1 EXPUNGE
    S: c OK [HIGHESTMODSEQ 7] Expunge completed
    C: d MOVE 1 Trash
    S~ * OK [COPYUID * 2 1] Moved
    S: * 1 EXPUNGE
    S: d OK [HIGHESTMODSEQ 8] Move completed
    C: e EXPUNGE
    S: e OK Expunge completed
    C: f COPY 1 INBOX
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [HIGHESTMODSEQ 9] Highest
    S~ f OK [COPYUID * 3 4] *
    C: g STORE 1 +FLAGS.SILENT (\Deleted)
    S~ ...
    S~ g OK *
    C: h CLOSE
    S: h OK Close completed
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("a host can switch CONDSTORE off, alone or with QRESYNC") {
  WorldOptions options;
  options.prepare = with_messages(1);
  options.session.capabilities.off = {"CONDSTORE", "QRESYNC"};
  check_logged_in(R"(
    C: a ENABLE CONDSTORE QRESYNC
    S: * ENABLED
    S~ a OK *
    C: b SELECT INBOX (CONDSTORE)
    S~ b BAD *
    C: c SELECT INBOX
    S~ ...
    S~ * OK [UIDNEXT *
    S~ * OK [MAILBOXID *
    S~ c OK *
    C: d FETCH 1 MODSEQ
    S~ d BAD *
    C: e FETCH 1 FLAGS (CHANGEDSINCE 1)
    S~ e BAD *
    C: f STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\Seen)
    S~ f BAD *
    C: g STATUS INBOX (HIGHESTMODSEQ)
    S~ g BAD *
  )",
                  options);
  options.session.capabilities.off = {"CONDSTORE"};
  check_logged_in(R"(
    C: a ENABLE CONDSTORE QRESYNC
    S: * ENABLED CONDSTORE QRESYNC
    S~ a OK *
  )",
                  options);
}
