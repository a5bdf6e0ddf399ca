// SORT (RFC 5256), ESORT (RFC 5267 §3), SORT=DISPLAY (RFC 5957).
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

void deliver(const Account& account, const std::string& header, int day, std::size_t body) {
  account
      .deliver(header + "\r\nDate: " + std::to_string(day) + " Jan 2024 12:00:00 +0000\r\n\r\n" +
               std::string(body, 'x') + "\r\n")
      .value();
}

// Numbers 1 to 3 are UIDs 2 to 4.
WorldOptions with_mail() {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    deliver(account, "Subject: gone", 1, 1);
    deliver(account, "Subject: b\r\nFrom: Zoe <aa@x>\r\nTo: c@x", 3, 300);
    deliver(account, "Subject: Re: a\r\nFrom: yy@x\r\nTo: \"A\" <b@x>\r\nCc: k@x", 1, 10);
    deliver(account, "Subject: [l] A\r\nFrom: \"Bob\" <cc@x>\r\nTo: a@x", 2, 100);
    inbox(account).remove(UidSet::of(1, 1)).value();
  };
  return options;
}

}  // namespace

TEST_CASE("SORT: each criterion") {
  check_selected(R"(
    C: a SORT (SUBJECT) UTF-8 ALL
    S: * SORT 2 3 1
    S: a OK Sort completed
    C: b SORT (SUBJECT REVERSE DATE) UTF-8 ALL
    S: * SORT 3 2 1
    S: b OK Sort completed
    C: c SORT (REVERSE SUBJECT) US-ASCII ALL
    S: * SORT 1 2 3
    S: c OK Sort completed
    C: d SORT (DATE) UTF-8 ALL
    S: * SORT 2 3 1
    S: d OK Sort completed
    C: e SORT (ARRIVAL) UTF-8 ALL
    S: * SORT 1 2 3
    S: e OK Sort completed
    C: f SORT (SIZE) UTF-8 ALL
    S: * SORT 2 3 1
    S: f OK Sort completed
    C: g SORT (FROM) UTF-8 ALL
    S: * SORT 1 3 2
    S: g OK Sort completed
    C: h SORT (TO) UTF-8 ALL
    S: * SORT 3 2 1
    S: h OK Sort completed
    C: i SORT (CC) UTF-8 ALL
    S: * SORT 1 3 2
    S: i OK Sort completed
    C: j SORT (DISPLAYFROM) UTF-8 ALL
    S: * SORT 3 2 1
    S: j OK Sort completed
    C: k SORT (DISPLAYTO) UTF-8 ALL
    S: * SORT 2 3 1
    S: k OK Sort completed
    C: l UID SORT (SUBJECT) UTF-8 ALL
    S: * SORT 3 4 2
    S: l OK Sort completed
    C: m UID SORT (REVERSE DATE) UTF-8 2:3
    S: * SORT 4 3
    S: m OK Sort completed
    C: n SORT (SUBJECT) US-ASCII TEXT "not in mailbox"
    S: * SORT
    S: n OK Sort completed
  )",
                 with_mail());
}

TEST_CASE("SORT: in an empty mailbox, and numbers that shift only when they may") {
  check_logged_in(R"(
    C: s SELECT Trash
    S~ ...
    S~ s OK *
    C: a SORT (DATE) UTF-8 ALL
    S: * SORT
    S: a OK Sort completed
    C: b SORT RETURN (MIN COUNT) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "b") COUNT 0
    S: b OK Sort completed
  )");
  check_selected(R"(
    ! expunge 3
    C: a SORT (SUBJECT) UTF-8 ALL
    S: * SORT 3 1
    S: a OK Sort completed
    C: b NOOP
    S: * 2 EXPUNGE
    S~ b OK *
    C: c SORT (SUBJECT) UTF-8 ALL
    S: * SORT 2 1
    S: c OK Sort completed
  )",
                 with_mail());
}

TEST_CASE("ESORT: return options") {
  check_selected(R"(
    C: E01 UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "E01") UID ALL 2,4,3
    S: E01 OK Sort completed
    C: b SORT RETURN (MIN MAX COUNT) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "b") MIN 2 MAX 1 COUNT 3
    S: b OK Sort completed
    C: c SORT RETURN (ALL) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "c") ALL 2:3,1
    S: c OK Sort completed
    C: d SORT RETURN (PARTIAL 1:2) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "d") PARTIAL (1:2 2:3)
    S: d OK Sort completed
    C: e SORT RETURN (PARTIAL 3:2 COUNT) (REVERSE DATE) UTF-8 ALL
    S: * ESEARCH (TAG "e") PARTIAL (3:2 3,2) COUNT 3
    S: e OK Sort completed
    C: f UID SORT RETURN (PARTIAL -1:-1) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "f") UID PARTIAL (-1:-1 2)
    S: f OK Sort completed
    C: g SORT RETURN (PARTIAL 4:10) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "g") PARTIAL (4:10 NIL)
    S: g OK Sort completed
    C: h SORT RETURN (COUNT) (DATE) UTF-8 SUBJECT nowhere
    S: * ESEARCH (TAG "h") COUNT 0
    S: h OK Sort completed
    C: i SORT RETURN (MIN MAX ALL) (DATE) UTF-8 SUBJECT nowhere
    S: * ESEARCH (TAG "i")
    S: i OK Sort completed
  )",
                 with_mail());
}

TEST_CASE("SORT with MODSEQ tells the highest of what is returned (RFC 7162 §3.1.9, §3.1.10)") {
  check_selected(R"(
    C: a SORT (DATE) UTF-8 MODSEQ 1
    S~ ...
    S~ * SORT 2 3 1 (MODSEQ *)
    S: a OK Sort completed
    C: b SORT RETURN (ALL) (DATE) UTF-8 MODSEQ 1
    S~ * ESEARCH (TAG "b") ALL 2:3,1 MODSEQ *
    S: b OK Sort completed
    C: c SORT RETURN (MIN) (DATE) UTF-8 MODSEQ 1
    S~ * ESEARCH (TAG "c") MIN 2 MODSEQ *
    S: c OK Sort completed
    C: d SORT (DATE) UTF-8 MODSEQ 1000000
    S: * SORT
    S: d OK Sort completed
  )",
                 with_mail());
}

TEST_CASE("SORT RETURN (SAVE): what was found is the search result (RFC 5182)") {
  check_selected(R"(
    C: a SORT RETURN (SAVE) (DATE) UTF-8 SUBJECT a
    S: a OK Sort completed, result saved
    C: b FETCH $ UID
    S: * 2 FETCH (UID 3)
    S: * 3 FETCH (UID 4)
    S~ b OK *
    C: c SORT RETURN (SAVE MIN) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "c") MIN 2
    S: c OK Sort completed, result saved
    C: d SORT (SIZE) UTF-8 OR $ 1
    S: * SORT 2 1
    S: d OK Sort completed
  )",
                 with_mail());
}

TEST_CASE("SORT: what is wrong") {
  check_selected(R"(
    C: a SORT (SUBJECT) X-NONE ALL
    S~ a NO [BADCHARSET *] *
    C: b SORT (SUBJECT) ALL
    S~ b BAD *
    C: c SORT SUBJECT UTF-8 ALL
    S~ c BAD *
    C: d SORT (RELEVANCY) UTF-8 ALL
    S~ d BAD *
    C: e SORT RETURN (UPDATE) (DATE) UTF-8 ALL
    S~ e BAD *
    C: f SORT RETURN (ALL PARTIAL 1:2) (DATE) UTF-8 ALL
    S~ f BAD *
  )",
                 with_mail());
  WorldOptions without = with_mail();
  without.session.capabilities.off = {"SORT=DISPLAY", "ESORT"};
  check_selected(R"(
    C: a SORT (DISPLAYTO) UTF-8 ALL
    S~ a BAD *
    C: b SORT RETURN (COUNT) (DATE) UTF-8 ALL
    S~ b BAD *
    C: c SORT (DATE) UTF-8 ALL
    S: * SORT 2 3 1
    S: c OK Sort completed
  )",
                 without);
  without.session.capabilities.off = {"SORT"};
  check_selected(R"(
    C: a SORT (DATE) UTF-8 ALL
    S~ a BAD *
  )",
                 without);
}

TEST_CASE("SORT after ENABLE UTF8=ACCEPT and UIDONLY") {
  check_logged_in(R"(
    C: e ENABLE UTF8=ACCEPT
    S~ * ENABLED UTF8=ACCEPT
    S~ e OK *
    C: s SELECT INBOX
    S~ ...
    S~ s OK *
    C: a SORT (DATE) UTF-8 SUBJECT "b"
    S: * SORT 1
    S: a OK Sort completed
    C: b SORT (DATE) ISO-8859-1 ALL
    S~ b NO [BADCHARSET *] *
  )",
                  with_mail());
  WorldOptions options = with_mail();
  options.session.capabilities.on = {"UIDONLY"};
  check_logged_in(R"(
    C: e ENABLE UIDONLY
    S~ * ENABLED UIDONLY
    S~ e OK *
    C: s SELECT INBOX
    S~ ...
    S~ s OK *
    C: a SORT (DATE) UTF-8 ALL
    S~ a BAD [UIDREQUIRED] *
    C: b UID SORT (DATE) UTF-8 ALL
    S: * SORT 3 4 2
    S: b OK Sort completed
    C: c UID THREAD REFERENCES UTF-8 1:2
    S~ c BAD [UIDREQUIRED] *
  )",
                  options);
}
