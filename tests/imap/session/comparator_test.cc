#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("COMPARATOR: asking and choosing") {
  check_logged_in(R"(
    C: a COMPARATOR
    S: * COMPARATOR "i;unicode-casemap"
    S: a OK Comparator completed
    C: A001 COMPARATOR "cz;*" i;basic
    S: A001 NO [BADCOMPARATOR] No such comparator
    C: b COMPARATOR "cz;*" I;Octet
    S: * COMPARATOR "i;octet"
    S~ b OK *
    C: c COMPARATOR
    S: * COMPARATOR "i;octet"
    S~ c OK *
    # More than one: the first of the first pattern wins, and all are told.
    C: d COMPARATOR "i;*-casemap"
    S: * COMPARATOR "i;unicode-casemap" ("i;unicode-casemap" "i;ascii-casemap")
    S~ d OK *
    C: e COMPARATOR {n+}
    L: i;ascii*\
    C:  "*"
    S: * COMPARATOR "i;ascii-casemap" ("i;ascii-casemap" "i;unicode-casemap" "i;octet")
    S~ e OK *
    C: f COMPARATOR default
    S: * COMPARATOR "i;unicode-casemap"
    S~ f OK *
    C: g COMPARATOR +i;octet
    S: * COMPARATOR "i;octet"
    S~ g OK *
    C: h COMPARATOR -i;unicode-casemap
    S~ h NO [BADCOMPARATOR] *
    C: i COMPARATOR ""
    S~ i BAD *
    C: j COMPARATOR (i;octet)
    S~ j BAD *
  )");
}

TEST_CASE("COMPARATOR: SEARCH compares with it") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello\r\n").value();
  };
  check_selected(R"(
    C: a SEARCH TEXT hELLO
    S: * SEARCH 1
    S~ a OK *
    C: b SEARCH SUBJECT {n+}
    L: GR\xc3\x9cSSE\
    C:
    S: * SEARCH 1
    S~ b OK *
    C: c COMPARATOR i;ascii-casemap
    S~ * COMPARATOR *
    S~ c OK *
    C: d SEARCH TEXT hELLO
    S: * SEARCH 1
    S~ d OK *
    C: e SEARCH SUBJECT {n+}
    L: GR\xc3\x9cSSE\
    C:
    S: * SEARCH
    S~ e OK *
    C: f SEARCH CHARSET ISO-8859-1 SUBJECT {n+}
    L: gR\xfc\xdf\
    C:
    S: * SEARCH 1
    S~ f OK *
    C: g COMPARATOR i;octet
    S~ * COMPARATOR *
    S~ g OK *
    C: h SEARCH OR TEXT hELLO SUBJECT gr
    S: * SEARCH
    S~ h OK *
    C: i SEARCH TEXT Hello SUBJECT Gr
    S: * SEARCH 1
    S~ i OK *
    # FUZZY has its own way of comparing (RFC 6203 section 3).
    C: j SEARCH FUZZY TEXT hELLO
    S: * SEARCH 1
    S~ j OK *
  )",
                 options);
}

TEST_CASE("COMPARATOR: the levels of I18NLEVEL") {
  WorldOptions options;
  options.session.capabilities.off = {"I18NLEVEL=2"};
  check_logged_in(R"(
    C: a CAPABILITY
    S~ * CAPABILITY * I18NLEVEL=1*
    S~ a OK *
    C: b COMPARATOR
    S: b BAD Unknown command
  )",
                  options);
  check_logged_in(R"(
    C: a CAPABILITY
    S~ * CAPABILITY * I18NLEVEL=2*
    S~ a OK *
  )");
}
