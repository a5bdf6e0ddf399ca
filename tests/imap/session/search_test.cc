#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("SEARCH answers with numbers, UID SEARCH with UIDs") {
  check_selected(R"(
    ! expunge 1
    ! flag 3 \Seen
    C: a NOOP
    S~ ...
    S~ a OK *
    C: b SEARCH UNSEEN
    S: * SEARCH 1 3
    S~ b OK *
    C: c UID SEARCH UNSEEN
    S: * SEARCH 2 4
    S~ c OK *
    C: d SEARCH 2:* SEEN
    S: * SEARCH 2
    S~ d OK *
    C: e SEARCH UID 4
    S: * SEARCH 3
    S~ e OK *
    C: f SEARCH SUBJECT nothing
    S: * SEARCH
    S~ f OK *
    C: g SEARCH OR SUBJECT "2" NOT UNSEEN
    S: * SEARCH 1 2
    S~ g OK *
    C: h SEARCH NEW
    S: * SEARCH 1 3
    S~ h OK *
    C: i SEARCH OLD
    S: * SEARCH
    S~ i OK *
    C: j SEARCH (LARGER 1 SMALLER 1000) 1
    S: * SEARCH 1
    S~ j OK *
  )",
                 {.prepare = with_messages(4)});
}

TEST_CASE("charsets") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nx\r\n").value();
  };
  check_selected(R"(
    C: a SEARCH CHARSET UTF-8 SUBJECT {n+}
    L: gr\xc3\xbc\
    C:
    S: * SEARCH 1
    S~ a OK *
    C: b SEARCH CHARSET ISO-8859-1 SUBJECT {n+}
    L: gr\xfc\
    C:
    S: * SEARCH 1
    S~ b OK *
    C: c SEARCH CHARSET X-NONE ALL
    S~ c NO [BADCHARSET *] *
  )",
                 options);
}
