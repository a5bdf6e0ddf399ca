#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

void letters(const Account& account) {
  account.deliver("From: user@example.com\r\nSubject: IMAP break\r\n\r\nhello\r\n").value();
  account.deliver("From: other@example.com\r\nSubject: Something else\r\n\r\nnothing\r\n").value();
  account.deliver("From: user@example.com\r\nSubject: Breaks in the imap server\r\n\r\nhelp me\r\n").value();
  account.deliver("From: other@example.com\r\nSubject: imap braek\r\n\r\nx\r\n").value();
}

}  // namespace

TEST_CASE("FUZZY: finds what is nearly it") {
  check_selected(R"(
    C: A1 SEARCH FUZZY (SUBJECT "IMAP break")
    S: * SEARCH 1 3 4
    S~ A1 OK *
    C: A2 SEARCH SUBJECT "IMAP break"
    S: * SEARCH 1
    S~ A2 OK *
    C: A3 SEARCH FUZZY SUBJECT imap FROM user@example.com
    S: * SEARCH 1 3
    S~ A3 OK *
    C: A4 SEARCH NOT FUZZY SUBJECT imap
    S: * SEARCH 2
    S~ A4 OK *
    C: A5 SEARCH FUZZY FROM "user exampel"
    S: * SEARCH 1 3
    S~ A5 OK *
    C: A6 SEARCH FUZZY 2:3
    S: * SEARCH 2 3
    S~ A6 OK *
  )",
                 {.prepare = letters});
}

TEST_CASE("FUZZY: relevancy") {
  check_selected(R"(
    C: B1 SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT "Helo"
    S: * ESEARCH (TAG "B1") ALL 1,3 RELEVANCY (28 28)
    S~ B1 OK *
    C: B2 UID SEARCH RETURN (RELEVANCY ALL) FUZZY SUBJECT "imap break"
    S: * ESEARCH (TAG "B2") UID ALL 1,3:4 RELEVANCY (100 82 65)
    S~ B2 OK *
    C: B3 SEARCH RETURN (RELEVANCY PARTIAL -1:-2) FUZZY SUBJECT "imap break"
    S: * ESEARCH (TAG "B3") PARTIAL (-1:-2 3:4) RELEVANCY (82 65)
    S~ B3 OK *
    C: B4 SEARCH RETURN (RELEVANCY PARTIAL 2:2 COUNT) FUZZY SUBJECT "imap break"
    S: * ESEARCH (TAG "B4") PARTIAL (2:2 3) COUNT 3 RELEVANCY (82)
    S~ B4 OK *
    C: B5 SEARCH RETURN (RELEVANCY MIN) FUZZY SUBJECT "imap break"
    S: * ESEARCH (TAG "B5") MIN 1 RELEVANCY (100 82 65)
    S~ B5 OK *
    C: B6 SEARCH RETURN (RELEVANCY ALL) FUZZY SUBJECT "quetzalcoatl"
    S: * ESEARCH (TAG "B6") RELEVANCY ()
    S~ B6 OK *
    C: B7 SEARCH RETURN (RELEVANCY) SUBJECT imap
    S: B7 BAD RELEVANCY needs FUZZY
    C: B8 SEARCH RETURN (SAVE RELEVANCY COUNT) FUZZY SUBJECT imap
    S: * ESEARCH (TAG "B8") COUNT 3 RELEVANCY (100 100 100)
    S~ B8 OK *
    C: B9 SEARCH $
    S: * SEARCH 1 3 4
    S~ B9 OK *
  )",
                 {.prepare = letters});
}

TEST_CASE("FUZZY: results that are kept up to date") {
  check_selected(R"(
    C: u SEARCH RETURN (UPDATE COUNT) FUZZY SUBJECT telephone
    S: * ESEARCH (TAG "u") COUNT 0
    S~ u OK *
    ! deliver telefone
    ! deliver televisor
    C: a NOOP
    S~ * 6 EXISTS
    S~ * 6 RECENT
    S: * ESEARCH (TAG "u") ADDTO (0 5)
    S~ a OK *
    ! deliver telephones
    C: b NOOP
    S~ * 7 EXISTS
    S~ * 7 RECENT
    S: * ESEARCH (TAG "u") ADDTO (0 7)
    S~ b OK *
  )",
                 {.prepare = letters});
}
