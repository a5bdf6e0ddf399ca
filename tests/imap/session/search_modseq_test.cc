// MODSEQ as a search key (RFC 7162 §3.1.5), and what IMAP4rev2, UTF8=ACCEPT and UIDONLY make of SEARCH.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// Three messages, 2 with MODSEQ 8, 1 with 7, 3 with 6.
void modseqs(const Account& account) {
  with_messages(3)(account);
  const Mailbox box = inbox(account);
  for (const Uid uid : {3U, 1U, 2U}) box.store(UidSet::of(uid, uid), {.flags = Flag::flagged}).value();
}

}  // namespace

TEST_CASE("SEARCH MODSEQ: the examples of RFC 7162 and RFC 4731") {
  check_selected(R"(
    C: m FETCH 1:3 MODSEQ
    S: * OK [HIGHESTMODSEQ 8] Highest
    S: * 1 FETCH (MODSEQ (7))
    S: * 2 FETCH (MODSEQ (8))
    S: * 3 FETCH (MODSEQ (6))
    S~ m OK *
    C: a SEARCH MODSEQ "/flags/\\draft" all 7
    S: * SEARCH 1 2 (MODSEQ 8)
    S~ a OK *
    C: b SEARCH MODSEQ 7 1
    S: * SEARCH 1 (MODSEQ 7)
    S~ b OK *
    C: t SEARCH OR NOT MODSEQ 2 LARGER 50000
    S: * SEARCH
    S~ t OK *
    C: c SEARCH MODSEQ 0
    S: * SEARCH 1 2 3 (MODSEQ 8)
    S~ c OK *
    C: a1 SEARCH RETURN (MIN) MODSEQ "/flags/\\draft" all 6
    S: * ESEARCH (TAG "a1") MIN 1 MODSEQ 7
    S~ a1 OK *
    C: a2 SEARCH RETURN (MAX) MODSEQ "/flags/\\draft" all 6
    S: * ESEARCH (TAG "a2") MAX 3 MODSEQ 6
    S~ a2 OK *
    C: a3 SEARCH RETURN (MIN MAX) MODSEQ "/flags/\\draft" priv 6
    S: * ESEARCH (TAG "a3") MIN 1 MAX 3 MODSEQ 7
    S~ a3 OK *
    C: a4 SEARCH RETURN (MIN COUNT) MODSEQ "/flags/\\draft" shared 6
    S: * ESEARCH (TAG "a4") MIN 1 COUNT 3 MODSEQ 8
    S~ a4 OK *
    C: a5 UID SEARCH RETURN (ALL) MODSEQ 7
    S: * ESEARCH (TAG "a5") UID ALL 1:2 MODSEQ 8
    S~ a5 OK *
    C: a6 SEARCH RETURN (PARTIAL -1:-1) MODSEQ 1
    S: * ESEARCH (TAG "a6") PARTIAL (-1:-1 3) MODSEQ 6
    S~ a6 OK *
    C: a7 SEARCH RETURN (ALL COUNT) MODSEQ 100
    S: * ESEARCH (TAG "a7") COUNT 0
    S~ a7 OK *
    C: a8 SEARCH MODSEQ 9223372036854775808
    S~ a8 BAD *
  )",
                 {.prepare = modseqs});
}

TEST_CASE("SEARCH MODSEQ enables CONDSTORE") {
  check_selected(R"(
    C: a SEARCH MODSEQ 100
    S: * OK [HIGHESTMODSEQ 8] Highest
    S: * SEARCH
    S~ a OK *
    ! flag 1 \Seen
    C: b NOOP
    S: * 1 FETCH (UID 1 FLAGS (\Flagged \Seen \Recent) MODSEQ (9))
    S~ b OK *
  )",
                 {.prepare = modseqs});
}

TEST_CASE("SEARCH after ENABLE IMAP4rev2 answers with ESEARCH") {
  check_logged_in(R"(
    C: e ENABLE IMAP4rev2
    S~ * ENABLED IMAP4rev2
    S~ e OK *
    C: s SELECT INBOX
    S~ ...
    S~ s OK *
    C: A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A282") MIN 1 COUNT 3
    S~ A282 OK *
    C: A283 SEARCH FLAGGED
    S: * ESEARCH (TAG "A283") ALL 1:3
    S~ A283 OK *
    C: A284 SEARCH TEXT "string not in mailbox"
    S: * ESEARCH (TAG "A284")
    S~ A284 OK *
    C: A285 UID SEARCH CHARSET UTF-8 TEXT {n+}
    L: Hello 2\
    C:
    S: * ESEARCH (TAG "A285") UID ALL 2
    S~ A285 OK *
    C: A286 SEARCH RETURN (SAVE) UNSEEN
    S~ A286 OK *
    C: A287 UID SEARCH UID $ SMALLER 4096
    S: * ESEARCH (TAG "A287") UID ALL 1:3
    S~ A287 OK *
  )",
                  {.prepare = modseqs});
}

TEST_CASE("SEARCH after ENABLE UTF8=ACCEPT: no CHARSET") {
  check_logged_in(R"(
    C: e ENABLE UTF8=ACCEPT
    S~ * ENABLED *
    S~ e OK *
    C: s SELECT INBOX
    S~ ...
    S~ s OK *
    C: a SEARCH CHARSET UTF-8 TEXT "Hello"
    S~ a BAD *
    C: b SEARCH TEXT "Hello 3"
    S: * SEARCH 3
    S~ b OK *
    C: c SEARCH TEXT "\xff"
    S~ c BAD *
  )",
                  {.prepare = modseqs});
}

TEST_CASE("SEARCH after ENABLE UIDONLY: by UIDs, and \"$\" is none of the numbers") {
  WorldOptions options;
  options.prepare = modseqs;
  options.session.capabilities.on = {"UIDONLY"};
  check_logged_in(R"(
    C: e ENABLE UIDONLY
    S~ * ENABLED *
    S~ e OK *
    C: s SELECT INBOX
    S~ ...
    S~ s OK *
    C: a UID SEARCH RETURN (SAVE) UID 2:3
    S~ a OK *
    C: b UID SEARCH $
    S: * SEARCH 2 3
    S~ b OK *
    C: c UID SEARCH RETURN (ALL UPDATE) UNDELETED
    S: * ESEARCH (TAG "c") UID ALL 1:3
    S~ c OK *
    C: d UID SEARCH 1:2
    S~ d BAD [UIDREQUIRED] *
    C: f SEARCH ALL
    S~ f BAD [UIDREQUIRED] *
    ! expunge 1
    C: g NOOP
    S: * ESEARCH (TAG "c") UID REMOVEFROM (0 1)
    S: * VANISHED 1
    S~ g OK *
  )",
                  options);
}
