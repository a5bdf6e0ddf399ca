#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// Messages 1 to 10, of which 4 was expunged; 2, 3, 6, 8 and 10 are flagged.
void five_flagged(const Account& account) {
  with_messages(10)(account);
  UidSet uids = UidSet::of(2, 3);
  for (const Uid uid : {6U, 8U, 10U}) uids.add(uid);
  inbox(account).store(uids, {.flags = Flag::flagged}).value();
  inbox(account).remove(UidSet::of(4, 4)).value();
}

}  // namespace

TEST_CASE("PARTIAL: from the first and from the last result") {
  check_selected(R"(
    C: A01 UID SEARCH RETURN (PARTIAL -1:-2) FLAGGED
    S: * ESEARCH (TAG "A01") UID PARTIAL (-1:-2 8,10)
    S~ A01 OK *
    C: A02 UID SEARCH RETURN (PARTIAL 4:100) FLAGGED
    S: * ESEARCH (TAG "A02") UID PARTIAL (4:100 8,10)
    S~ A02 OK *
    C: A03 UID SEARCH RETURN (PARTIAL 1:3) FLAGGED
    S: * ESEARCH (TAG "A03") UID PARTIAL (1:3 2:3,6)
    S~ A03 OK *
    C: A04 UID SEARCH RETURN (PARTIAL 6:24500) FLAGGED
    S: * ESEARCH (TAG "A04") UID PARTIAL (6:24500 NIL)
    S~ A04 OK *
    C: A05 SEARCH RETURN (PARTIAL -6:-7) FLAGGED
    S: * ESEARCH (TAG "A05") PARTIAL (-6:-7 NIL)
    S~ A05 OK *
    C: A06 SEARCH RETURN (PARTIAL 3:1) FLAGGED
    S: * ESEARCH (TAG "A06") PARTIAL (3:1 2:3,5)
    S~ A06 OK *
    C: A07 SEARCH RETURN (PARTIAL -4:-2) FLAGGED
    S: * ESEARCH (TAG "A07") PARTIAL (-4:-2 3,5,7)
    S~ A07 OK *
    C: A08 SEARCH RETURN (PARTIAL -1:-4294967295) ALL
    S: * ESEARCH (TAG "A08") PARTIAL (-1:-4294967295 1:9)
    S~ A08 OK *
    C: A09 UID SEARCH RETURN (PARTIAL 1:4294967295) ALL
    S: * ESEARCH (TAG "A09") UID PARTIAL (1:4294967295 1:3,5:10)
    S~ A09 OK *
    C: A10 SEARCH RETURN (PARTIAL -1:-1) DELETED
    S: * ESEARCH (TAG "A10") PARTIAL (-1:-1 NIL)
    S~ A10 OK *
  )",
                 {.prepare = five_flagged});
}

TEST_CASE("PARTIAL: with other return options") {
  check_selected(R"(
    C: a SEARCH RETURN (PARTIAL 2:3 COUNT MIN MAX) FLAGGED
    S: * ESEARCH (TAG "a") MIN 2 PARTIAL (2:3 3,5) MAX 9 COUNT 5
    S~ a OK *
    C: b SEARCH RETURN (PARTIAL -2:-3 MIN) FLAGGED
    S: * ESEARCH (TAG "b") MIN 2 PARTIAL (-2:-3 5,7)
    S~ b OK *
    C: c SEARCH RETURN (MAX PARTIAL 1:2) FLAGGED
    S: * ESEARCH (TAG "c") PARTIAL (1:2 2:3) MAX 9
    S~ c OK *
    # What is found from the first on is all there is.
    C: d SEARCH RETURN (MAX PARTIAL 1:7) FLAGGED
    S: * ESEARCH (TAG "d") PARTIAL (1:7 2:3,5,7,9) MAX 9
    S~ d OK *
    C: e SEARCH RETURN (MIN PARTIAL -1:-9) FLAGGED
    S: * ESEARCH (TAG "e") MIN 2 PARTIAL (-1:-9 2:3,5,7,9)
    S~ e OK *
    C: f SEARCH RETURN (COUNT PARTIAL -1:-2) FLAGGED
    S: * ESEARCH (TAG "f") PARTIAL (-1:-2 7,9) COUNT 5
    S~ f OK *
    C: g SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL
    S~ g BAD *
    C: h SEARCH RETURN (PARTIAL 0:2) ALL
    S~ h BAD *
    C: i SEARCH RETURN (PARTIAL -1:2) ALL
    S~ i BAD *
  )",
                 {.prepare = five_flagged});
}

TEST_CASE("PARTIAL: what SAVE keeps of it, the table of RFC 9394 section 3.2") {
  check_selected(R"(
    C: a SEARCH RETURN (SAVE PARTIAL 2:3) FLAGGED
    S: * ESEARCH (TAG "a") PARTIAL (2:3 3,5)
    S~ a OK *
    C: x SEARCH $
    S: * SEARCH 3 5
    S~ x OK *
    C: b SEARCH RETURN (SAVE PARTIAL 2:3 MIN) FLAGGED
    S: * ESEARCH (TAG "b") MIN 2 PARTIAL (2:3 3,5)
    S~ b OK *
    C: x SEARCH $
    S: * SEARCH 2 3 5
    S~ x OK *
    C: c SEARCH RETURN (SAVE PARTIAL -4:-3 MAX) FLAGGED
    S: * ESEARCH (TAG "c") PARTIAL (-4:-3 3,5) MAX 9
    S~ c OK *
    C: x SEARCH $
    S: * SEARCH 3 5 9
    S~ x OK *
    C: d SEARCH RETURN (SAVE PARTIAL 2:3 MAX MIN) FLAGGED
    S: * ESEARCH (TAG "d") MIN 2 PARTIAL (2:3 3,5) MAX 9
    S~ d OK *
    C: x SEARCH $
    S: * SEARCH 2 3 5 9
    S~ x OK *
    C: e SEARCH RETURN (SAVE PARTIAL 2:3 COUNT MIN) FLAGGED
    S: * ESEARCH (TAG "e") MIN 2 PARTIAL (2:3 3,5) COUNT 5
    S~ e OK *
    C: x SEARCH $
    S: * SEARCH 2 3 5 7 9
    S~ x OK *
  )",
                 {.prepare = five_flagged});
}

TEST_CASE("PARTIAL: as a modifier of FETCH") {
  check_selected(R"(
    C: 10 UID FETCH 2:8 (UID FLAGS) (PARTIAL -1:-3)
    S: * 5 FETCH (UID 6 FLAGS (\Flagged \Recent))
    S: * 6 FETCH (UID 7 FLAGS (\Recent))
    S: * 7 FETCH (UID 8 FLAGS (\Flagged \Recent))
    S~ 10 OK *
    C: 11 UID FETCH 3:* (UID) (PARTIAL 1:2)
    S: * 3 FETCH (UID 3)
    S: * 4 FETCH (UID 5)
    S~ 11 OK *
    C: 12 FETCH 1:9 UID (PARTIAL 8:100)
    S: * 8 FETCH (UID 9)
    S: * 9 FETCH (UID 10)
    S~ 12 OK *
    C: 13 UID FETCH 1:3 UID (PARTIAL 4:5)
    S~ 13 OK *
    C: s SEARCH RETURN (SAVE) FLAGGED
    S~ s OK *
    C: 14 FETCH $ UID (PARTIAL -1:-1)
    S: * 9 FETCH (UID 10)
    S~ 14 OK *
    C: 15 UID FETCH 1:* UID (PARTIAL 1:2 PARTIAL 3:4)
    S~ 15 BAD *
    C: 16 UID FETCH 1:* UID (PARTIAL 1)
    S~ 16 BAD *
    C: 17 UID FETCH 1:* BODY[TEXT]<0.2> (PARTIAL -1:-1)
    S~ * 9 FETCH (UID 10 FLAGS (\Flagged \Seen \Recent) BODY[TEXT]<0> {2}
    S~ He)
    S~ 17 OK *
  )",
                 {.prepare = five_flagged});
}

TEST_CASE("PARTIAL and CHANGEDSINCE: first the messages, then those of them that changed") {
  check_selected(R"(
    C: 100 FETCH 9 MODSEQ
    S~ * OK [HIGHESTMODSEQ 14] *
    S: * 9 FETCH (MODSEQ (14))
    S~ 100 OK *
    C: 101 UID FETCH 1:* (FLAGS) (PARTIAL -1:-4 CHANGEDSINCE 13)
    S: * 7 FETCH (UID 8 FLAGS (\Flagged \Recent) MODSEQ (14))
    S: * 9 FETCH (UID 10 FLAGS (\Flagged \Recent) MODSEQ (14))
    S~ 101 OK *
    C: 102 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 13 PARTIAL 1:2)
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent) MODSEQ (14))
    S~ 102 OK *
  )",
                 {.prepare = [](const Account& account) {
                   with_messages(10)(account);
                   UidSet uids = UidSet::of(2, 3);
                   for (const Uid uid : {6U, 8U, 10U}) uids.add(uid);
                   inbox(account).remove(UidSet::of(4, 4)).value();
                   inbox(account).store(uids, {.flags = Flag::flagged}).value();
                 }});
}

TEST_CASE("PARTIAL: the last results of a large mailbox, in windows") {
  constexpr int kMessages = 3000;
  WorldOptions options;
  options.prepare = [](const Account& account) {
    std::vector<NewMessage> messages;
    for (int i = 1; i <= kMessages; ++i) {
      NewMessage& message = messages.emplace_back(new_message(account, "Subject: x\r\n\r\nx\r\n"));
      if (i <= 2 || i == 1000 || i % 700 == 0) message.flags = Flag::flagged;  // 1 2 700 1000 1400 2100 2800
    }
    inbox(account).append(std::move(messages)).value();
  };
  check_selected(R"(
    C: a SEARCH RETURN (MAX) FLAGGED
    S: * ESEARCH (TAG "a") MAX 2800
    S~ a OK *
    C: b SEARCH RETURN (MAX) FLAGGED 1:1999
    S: * ESEARCH (TAG "b") MAX 1400
    S~ b OK *
    C: c SEARCH RETURN (PARTIAL -1:-4) FLAGGED
    S: * ESEARCH (TAG "c") PARTIAL (-1:-4 1000,1400,2100,2800)
    S~ c OK *
    C: d SEARCH RETURN (PARTIAL -3:-100) FLAGGED
    S: * ESEARCH (TAG "d") PARTIAL (-3:-100 1:2,700,1000,1400)
    S~ d OK *
    C: e SEARCH RETURN (MIN MAX PARTIAL -2:-2) FLAGGED
    S: * ESEARCH (TAG "e") MIN 1 PARTIAL (-2:-2 2100) MAX 2800
    S~ e OK *
    C: f SEARCH RETURN (MIN MAX) FLAGGED 700
    S: * ESEARCH (TAG "f") MIN 700 MAX 700
    S~ f OK *
    C: g SEARCH RETURN (PARTIAL 2:4 MAX) FLAGGED
    S: * ESEARCH (TAG "g") PARTIAL (2:4 2,700,1000) MAX 2800
    S~ g OK *
  )",
                 options);
}
