#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// Eight of 21 messages are flagged: 2, 10 to 15, 21.
void eight_flagged(const Account& account) {
  with_messages(21)(account);
  UidSet uids = UidSet::of(10, 15);
  uids.add(2);
  uids.add(21);
  inbox(account).store(uids, {.flags = Flag::flagged}).value();
}

}  // namespace

TEST_CASE("SEARCHRES: a result is the argument of the next commands, pipelined too") {
  check_selected(R"(
    C: A282 SEARCH RETURN (SAVE) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    C: A283 FETCH $ (UID)
    C: A284 UID FETCH $ (FLAGS)
    S~ A282 OK *
    S: * 2 FETCH (UID 2)
    S: * 3 FETCH (UID 3)
    S~ A283 OK *
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent))
    S: * 3 FETCH (UID 3 FLAGS (\Flagged \Recent))
    S~ A284 OK *
    C: A300 SEARCH RETURN (SAVE) UID 1:3
    S~ A300 OK *
    C: A301 UID SEARCH UID $ SMALLER 4096
    S: * SEARCH 1 2 3
    S~ A301 OK *
    C: A302 UID SEARCH $ FLAGGED
    S: * SEARCH 2 3
    S~ A302 OK *
    C: P283 SEARCH CHARSET UTF-8 (OR $ 4:5) TEXT {n+}
    L: Hello\
    C:
    S: * SEARCH 1 2 3 4
    S~ P283 OK *
  )",
                 {.prepare = [](const Account& account) {
                   with_messages(4)(account);
                   inbox(account).store(UidSet::of(2, 3), {.flags = Flag::flagged}).value();
                 }});
}

TEST_CASE("SEARCHRES: what is saved with other return options") {
  check_selected(R"(
    C: C282 SEARCH RETURN (ALL) FLAGGED
    S: * ESEARCH (TAG "C282") ALL 2,10:15,21
    S~ C282 OK *
    C: x SEARCH $
    S: * SEARCH
    S~ x OK *
    C: C283 SEARCH RETURN (ALL SAVE) FLAGGED
    S: * ESEARCH (TAG "C283") ALL 2,10:15,21
    S~ C283 OK *
    C: x SEARCH RETURN () $
    S: * ESEARCH (TAG "x") ALL 2,10:15,21
    S~ x OK *
    C: C284 SEARCH RETURN (SAVE MIN) FLAGGED
    S: * ESEARCH (TAG "C284") MIN 2
    S~ C284 OK *
    C: x SEARCH $
    S: * SEARCH 2
    S~ x OK *
    C: C285 SEARCH RETURN (MAX SAVE) FLAGGED
    S: * ESEARCH (TAG "C285") MAX 21
    S~ C285 OK *
    C: x SEARCH $
    S: * SEARCH 21
    S~ x OK *
    C: C285 SEARCH RETURN (MAX SAVE MIN) FLAGGED
    S: * ESEARCH (TAG "C285") MIN 2 MAX 21
    S~ C285 OK *
    C: x SEARCH $
    S: * SEARCH 2 21
    S~ x OK *
    C: C286 SEARCH RETURN (MAX SAVE MIN COUNT) FLAGGED
    S: * ESEARCH (TAG "C286") MIN 2 MAX 21 COUNT 8
    S~ C286 OK *
    C: x SEARCH RETURN (COUNT) $
    S: * ESEARCH (TAG "x") COUNT 8
    S~ x OK *
    C: C287 SEARCH RETURN (ALL SAVE MIN) FLAGGED
    S: * ESEARCH (TAG "C287") MIN 2 ALL 2,10:15,21
    S~ C287 OK *
    C: x UID SEARCH RETURN () UID $
    S: * ESEARCH (TAG "x") UID ALL 2,10:15,21
    S~ x OK *
    C: C288 SEARCH RETURN (SAVE MIN MAX) DELETED
    S: * ESEARCH (TAG "C288")
    S~ C288 OK *
    C: x SEARCH $
    S: * SEARCH
    S~ x OK *
  )",
                 {.prepare = eight_flagged});
}

TEST_CASE("SEARCHRES: when the result changes and when it does not") {
  WorldOptions options;
  options.prepare = with_messages(3);
  check_selected(R"(
    C: a SEARCH RETURN (SAVE) 2
    S~ a OK *
    # Not by a command without SAVE, nor by one that is BAD.
    C: b SEARCH 1
    S: * SEARCH 1
    S~ b OK *
    C: c SEARCH RETURN (SAVE) NONSENSE
    S~ c BAD *
    C: d SEARCH CHARSET X-NONE TEXT x
    S~ d NO *
    C: e SEARCH RETURN (SAVE RELEVANCY) 1
    S~ e BAD *
    C: x SEARCH $
    S: * SEARCH 2
    S~ x OK *
    # B283 of RFC 5182: a NO empties it.
    C: f SEARCH RETURN (SAVE) CHARSET X-NONE (OR $ 1,3000:3021) TEXT {n+}
    L: XXXX\
    C:
    S~ f NO [BADCHARSET *] *
    C: x SEARCH $
    S: * SEARCH
    S~ x OK *
    # The second of two counts.
    C: g SEARCH RETURN (SAVE) 1
    C: h SEARCH RETURN (SAVE) 3
    S~ g OK *
    S~ h OK *
    C: x SEARCH $
    S: * SEARCH 3
    S~ x OK *
    C: i SELECT INBOX
    S~ ...
    S~ i OK *
    C: x SEARCH $
    S: * SEARCH
    S~ x OK *
  )",
                 options);
}

TEST_CASE("SEARCHRES: it is no error if it is empty") {
  check_selected(R"(
    ! create Other
    C: E282 SEARCH RETURN (SAVE) SINCE 28-Oct-2036 NOT FROM "Eric"
    C: E283 COPY $ "Other"
    S~ E282 OK *
    S: E283 OK Copy completed
    C: a FETCH $ FLAGS
    S~ a OK *
    C: b STORE $ +FLAGS (\Seen)
    S~ b OK *
    C: c UID STORE $ +FLAGS.SILENT (\Seen)
    S~ c OK *
    C: d MOVE $ Other
    S~ d OK *
    C: e UID EXPUNGE $
    S~ e OK *
    C: f UID SEARCH UID $
    S: * SEARCH
    S~ f OK *
    C: g COPY $ "Nowhere"
    S~ g NO [TRYCREATE] *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("SEARCHRES: with COPY, STORE, MOVE and UID EXPUNGE") {
  check_selected(R"(
    C: F282 SEARCH RETURN (SAVE) FLAGGED
    C: F283 COPY $ "Junk"
    C: F284 STORE $ +FLAGS.SILENT (\Deleted)
    S~ F282 OK *
    S~ F283 OK [COPYUID * 2,10:15,21 1:8] Copy completed
    S~ F284 OK *
    # The moved messages leave the result with the view.
    C: G1 SEARCH RETURN (SAVE) DELETED UID 10:21
    S~ G1 OK *
    C: G2 MOVE $ Junk
    S~ * OK [COPYUID * 10:15,21 9:15] Moved
    S: * 21 EXPUNGE
    S: * 15 EXPUNGE
    S: * 14 EXPUNGE
    S: * 13 EXPUNGE
    S: * 12 EXPUNGE
    S: * 11 EXPUNGE
    S: * 10 EXPUNGE
    S~ G2 OK *
    C: G3 SEARCH $
    S: * SEARCH
    S~ G3 OK *
    C: H1 SEARCH RETURN (SAVE) DELETED
    S~ H1 OK *
    C: H2 UID EXPUNGE $
    S: * 2 EXPUNGE
    S~ H2 OK *
    C: H3 FETCH $ UID
    S~ H3 OK *
  )",
                 {.prepare = eight_flagged});
}

TEST_CASE("SEARCHRES: the result follows what others expunge") {
  check_selected(R"(
    C: a UID SEARCH RETURN (SAVE) UID 2:4
    S~ a OK *
    ! expunge 1
    ! expunge 3
    # The client still counts them: they are there, but can't be read any more.
    C: b FETCH $ UID
    S: * 2 FETCH (UID 2)
    S: * 4 FETCH (UID 4)
    S~ b OK [EXPUNGEISSUED] *
    C: c NOOP
    S: * 3 EXPUNGE
    S: * 1 EXPUNGE
    S~ c OK *
    ! deliver six
    C: d FETCH $ UID
    S: * 1 FETCH (UID 2)
    S: * 2 FETCH (UID 4)
    S: * 4 EXISTS
    S: * 4 RECENT
    S~ d OK *
    C: e SEARCH $
    S: * SEARCH 1 2
    S~ e OK *
  )",
                 {.prepare = with_messages(5)});
}

TEST_CASE("SEARCHRES: messages that come later are not in it") {
  check_selected(R"(
    C: a SEARCH RETURN (SAVE) ALL
    S~ a OK *
    ! deliver three
    C: b NOOP
    S~ ...
    S~ b OK *
    C: c SEARCH $
    S: * SEARCH 1 2
    S~ c OK *
    C: d SEARCH NOT $
    S: * SEARCH 3
    S~ d OK *
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("SEARCHRES: with CHANGEDSINCE and VANISHED, and not in QRESYNC") {
  check_logged_in(R"(
    C: e ENABLE QRESYNC
    S~ * ENABLED *
    S~ e OK *
    C: s SELECT INBOX
    S~ ...
    S~ s OK *
    C: a SEARCH RETURN (SAVE) 1:2
    S~ a OK *
    ! flag 2:3 \Seen
    C: b UID FETCH $ FLAGS (CHANGEDSINCE 5 VANISHED)
    S~ * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (6))
    S~ ...
    S~ b OK *
    C: c SELECT INBOX (QRESYNC (1 1 $))
    S~ c BAD *
  )",
                  {.prepare = with_messages(3)});
}
