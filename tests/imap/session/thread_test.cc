// THREAD (RFC 5256).
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

void deliver(const Account& account, const std::string& id, const std::string& references, const std::string& subject,
             int day) {
  std::string text = "Message-ID: <" + id + "@x>\r\nSubject: " + subject + "\r\nDate: " + std::to_string(day) +
                     " Mar 2000 12:00:00 +0000\r\n";
  if (!references.empty()) text += "References: " + references + "\r\n";
  account.deliver(text + "\r\nx\r\n").value();
}

// Numbers 1 to 7 are UIDs 2 to 8.
WorldOptions with_threads() {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    deliver(account, "gone", "", "gone", 1);
    deliver(account, "a", "", "Hello", 5);
    deliver(account, "b", "<a@x>", "Re: Hello", 7);
    deliver(account, "c", "<a@x> <b@x>", "Re: Hello", 9);
    deliver(account, "d", "<\"a\"@x>", "Re: Hello", 8);
    deliver(account, "e", "<z@x>", "Lost", 6);
    deliver(account, "f", "<z@x>", "Lost too", 10);
    deliver(account, "g", "", "[list] Re: hello (fwd)", 11);
    inbox(account).remove(UidSet::of(1, 1)).value();
  };
  return options;
}

}  // namespace

TEST_CASE("THREAD: both algorithms, by number and UID") {
  check_selected(R"(
    C: a THREAD REFERENCES UTF-8 ALL
    S: * THREAD (1 (2 3)(4)(7))((5)(6))
    S: a OK Thread completed
    C: b UID THREAD REFERENCES US-ASCII ALL
    S: * THREAD (2 (3 4)(5)(8))((6)(7))
    S: b OK Thread completed
    C: c THREAD ORDEREDSUBJECT UTF-8 ALL
    S: * THREAD (1 (2)(4)(3)(7))(5)(6)
    S: c OK Thread completed
    C: d THREAD REFERENCES UTF-8 SENTSINCE 8-Mar-2000
    S: * THREAD ((4)(3)(7))(6)
    S: d OK Thread completed
    C: e UID THREAD ORDEREDSUBJECT UTF-8 2:4
    S: * THREAD (3 (5)(4))
    S: e OK Thread completed
    C: f THREAD ORDEREDSUBJECT US-ASCII TEXT "gewp"
    S: * THREAD
    S: f OK Thread completed
  )",
                 with_threads());
}

TEST_CASE("THREAD: a message that another session expunged is left out, and the numbers stay") {
  check_selected(R"(
    ! expunge 3
    C: a THREAD REFERENCES UTF-8 ALL
    S: * THREAD (1 (4)(3)(7))((5)(6))
    S: a OK Thread completed
    C: b UID THREAD REFERENCES UTF-8 ALL
    S: * THREAD (2 (5)(4)(8))((6)(7))
    S: * 2 EXPUNGE
    S: b OK Thread completed
  )",
                 with_threads());
}

TEST_CASE("THREAD: what is wrong") {
  check_selected(R"(
    C: a THREAD REFS UTF-8 ALL
    S~ a BAD *
    C: b THREAD REFERENCES X-NONE ALL
    S~ b NO [BADCHARSET *] *
    C: c THREAD REFERENCES ALL
    S~ c BAD *
    C: d THREAD UTF-8 ALL
    S~ d BAD *
  )",
                 with_threads());
  WorldOptions without = with_threads();
  without.session.capabilities.off = {"THREAD=ORDEREDSUBJECT"};
  check_selected(R"(
    C: a THREAD ORDEREDSUBJECT UTF-8 ALL
    S~ a BAD *
    C: b THREAD REFERENCES UTF-8 2
    S: * THREAD (2)
    S: b OK Thread completed
  )",
                 without);
}
