// UIDONLY (RFC 9586), which a host has to switch on.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

WorldOptions uid_only(int messages) {
  WorldOptions options;
  options.prepare = with_messages(messages);
  options.session.capabilities.on = {"UIDONLY"};
  return options;
}

}  // namespace

TEST_CASE("UIDONLY is not offered unless the host says so") {
  check_logged_in(R"(
    C: a ENABLE UIDONLY
    S: * ENABLED
    S~ a OK *
  )");
  check_logged_in(R"(
    C: a CAPABILITY
    S~ * CAPABILITY * UIDONLY*
    S~ a OK *
    C: b ENABLE UIDONLY
    S: * ENABLED UIDONLY
    S~ b OK *
  )",
                  uid_only(0));
}

TEST_CASE("after ENABLE UIDONLY message numbers are refused") {
  check_logged_in(R"(
    C: a ENABLE UIDONLY
    S: * ENABLED UIDONLY
    S~ a OK *
    C: b SELECT INBOX
    S~ * FLAGS *
    S~ * OK [PERMANENTFLAGS *
    S: * 3 EXISTS
    S: * 3 RECENT
    S~ * OK [UIDVALIDITY *
    S~ ...
    S: b OK [READ-WRITE] Select completed
    C: c FETCH 1 FLAGS
    S: c BAD [UIDREQUIRED] Message numbers are not used after ENABLE UIDONLY
    C: d STORE 1 +FLAGS (\Seen)
    S~ d BAD [UIDREQUIRED] *
    C: e SEARCH ALL
    S~ e BAD [UIDREQUIRED] *
    C: f COPY 1 Trash
    S~ f BAD [UIDREQUIRED] *
    C: g MOVE 1 Trash
    S~ g BAD [UIDREQUIRED] *
    C: h UID SEARCH 1:3
    S~ h BAD [UIDREQUIRED] *
    C: i UID SEARCH OR SEEN NOT (DELETED *)
    S~ i BAD [UIDREQUIRED] *
    C: j UID SEARCH UID 2:* NOT SEEN
    S: * SEARCH 2 3
    S~ j OK *
    C: k SELECT INBOX (QRESYNC (1 1 (1 1)))
    S: k BAD QRESYNC needs ENABLE QRESYNC first
  )",
                  uid_only(3));
}

TEST_CASE("UIDFETCH and VANISHED") {
  check_logged_in(R"(
    C: a ENABLE UIDONLY
    S: * ENABLED UIDONLY
    S~ a OK *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c UID FETCH 4:* (FLAGS)
    S: * 4 UIDFETCH (FLAGS (\Recent))
    S: * 5 UIDFETCH (FLAGS (\Recent))
    S: c OK Fetch completed
    C: d UID FETCH 5 (UID BODY.PEEK[TEXT])
    S: * 5 UIDFETCH (UID 5 BODY[TEXT] {9}
    S: Hello 5
    S: )
    S: d OK Fetch completed
    C: e UID STORE 2:3 +FLAGS (\Deleted)
    S: * 2 UIDFETCH (FLAGS (\Deleted \Recent))
    S: * 3 UIDFETCH (FLAGS (\Deleted \Recent))
    S: e OK Store completed
    C: f UID EXPUNGE 3
    S: * VANISHED 3
    S: f OK Expunge completed
    C: g EXPUNGE
    S: * VANISHED 2
    S: g OK Expunge completed
    ! flag 5 \Flagged
    ! expunge 1
    C: h NOOP
    S: * VANISHED 1
    S: * 5 UIDFETCH (FLAGS (\Flagged \Recent))
    S: h OK Done
    C: i UID MOVE 4 Trash
    S~ * OK [COPYUID * 4 1] Moved
    S: * VANISHED 4
    S: i OK Move completed
    C: j UID FETCH 5 BODY[TEXT]<0.1>
    S: * 5 UIDFETCH (FLAGS (\Flagged \Seen \Recent) BODY[TEXT]<0> {1}
    S: H)
    S: j OK Fetch completed
  )",
                  uid_only(5));
}

TEST_CASE("UIDONLY with QRESYNC") {
  check_logged_in(R"(
    C: a ENABLE UIDONLY QRESYNC
    S: * ENABLED QRESYNC UIDONLY
    S~ a OK *
    C: b SELECT INBOX (QRESYNC (1 1 (1 1)))
    S~ b BAD [UIDREQUIRED] *
    C: c SELECT INBOX
    S~ ...
    S~ c OK *
    ! expunge 1
    C: d UID STORE 2:3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\Seen)
    S: * 2 UIDFETCH (MODSEQ (7))
    S: * VANISHED 1
    S: * 3 UIDFETCH (FLAGS (\Recent) MODSEQ (5))
    S: d OK [MODIFIED 3] Conditional store failed for some messages
    C: e UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)
    S: * VANISHED (EARLIER) 1
    S: * 2 UIDFETCH (FLAGS (\Seen \Recent) MODSEQ (7))
    S: e OK Fetch completed
  )",
                  uid_only(3));
}
