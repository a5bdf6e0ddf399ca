// What others do to the selected mailbox.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("NOOP tells of new, changed and expunged messages") {
  check_selected(R"(
    ! deliver four
    ! flag 2 \Flagged
    ! expunge 1
    C: a NOOP
    S: * 1 EXPUNGE
    S: * 3 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (UID 2 FLAGS (\Flagged))
    S: a OK Done
    C: b NOOP
    S: b OK Done
    C: c CHECK
    S: c OK Done
  )",
                 {.prepare = [](const Account& account) {
                   with_messages(3)(account);
                   inbox(account).snapshot(true).value();
                 }});
}

TEST_CASE("no EXPUNGE while sequence numbers may be on their way") {
  check_selected(R"(
    ! expunge 2
    C: a FETCH 1:3 UID
    S: * 1 FETCH (UID 1)
    S: * 3 FETCH (UID 3)
    S: a OK [EXPUNGEISSUED] Fetch completed
    C: b SEARCH ALL
    S: * SEARCH 1 3
    S~ b OK *
    C: c STORE 3 +FLAGS (\Seen)
    S: * 3 FETCH (FLAGS (\Seen \Recent))
    S~ c OK *
    C: d COPY 2 Trash
    S~ d NO [EXPUNGEISSUED] *
    C: e FETCH 2 (BODY[])
    S~ e OK [EXPUNGEISSUED] *
    C: f NOOP
    S: * 2 EXPUNGE
    S: f OK Done
    C: g FETCH 2 UID
    S: * 2 FETCH (UID 3)
    S~ g OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("new messages are told while expunged ones are held back") {
  check_selected(R"(
    ! expunge 1:2
    ! deliver four
    C: a FETCH 3 UID
    S: * 3 FETCH (UID 3)
    S: * 4 EXISTS
    S: * 4 RECENT
    S: a OK Fetch completed
    C: b FETCH 4 UID
    S: * 4 FETCH (UID 4)
    S: b OK Fetch completed
    C: c UID FETCH 4 UID
    S: * 4 FETCH (UID 4)
    S: * 2 EXPUNGE
    S: * 1 EXPUNGE
    S: c OK Fetch completed
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("a message that was not told yet is not there") {
  check_selected(R"(
    ! deliver two
    C: a UID FETCH 1:* UID
    S: * 1 FETCH (UID 1)
    S: * 2 EXISTS
    S: * 2 RECENT
    S~ a OK *
    C: b FETCH 2 UID
    S: * 2 FETCH (UID 2)
    S~ b OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("new keywords are announced before they are used") {
  check_selected(R"(
    ! flag 1 $Forwarded
    C: a NOOP
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded \*)] Flags permitted
    S: * 1 FETCH (UID 1 FLAGS (\Recent $Forwarded))
    S~ a OK *
    C: b STORE 1 +FLAGS.SILENT (Work)
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded Work)
    S~ * OK [PERMANENTFLAGS *
    S~ b OK *
    C: c STORE 1 -FLAGS (Work)
    S: * 1 FETCH (FLAGS (\Recent $Forwarded))
    S~ c OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("two sessions see each other's changes") {
  WorldOptions options;
  options.prepare = with_messages(2);
  const Store store = make_store(options);
  Client one(store, options);
  Client two(store, options);
  one.log_in_and_select();
  two.log_in_and_select();

  CHECK(one.send("a STORE 1 +FLAGS.SILENT (\\Deleted)\r\n") == "a OK Store completed\r\n");
  CHECK(two.send("a NOOP\r\n") == "* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\na OK Done\r\n");
  CHECK(two.send("b EXPUNGE\r\n") == "* 1 EXPUNGE\r\nb OK Expunge completed\r\n");
  CHECK(one.send("b NOOP\r\n") == "* 1 EXPUNGE\r\nb OK Done\r\n");

  const std::string mail = message("new");
  const std::string append = "c APPEND INBOX {" + std::to_string(mail.size()) + "+}\r\n" + mail + "\r\n";
  const std::string answer = one.send(append);
  CHECK(answer.find("* 2 EXISTS\r\n") != std::string::npos);
  CHECK(answer.find("c OK [APPENDUID ") != std::string::npos);
  CHECK(two.send("c NOOP\r\n").find("* 2 EXISTS\r\n") == 0);
}

TEST_CASE("a silent STORE still tells what others had changed") {
  WorldOptions options;
  options.prepare = with_messages(2);
  const Store store = make_store(options);
  Client one(store, options);
  Client two(store, options);
  one.log_in_and_select();
  two.log_in_and_select();
  two.send("a STORE 1 +FLAGS.SILENT (\\Flagged)\r\n");
  CHECK(one.send("a STORE 1:2 +FLAGS.SILENT (\\Seen)\r\n") ==
        "* 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen \\Recent))\r\na OK Store completed\r\n");
  CHECK(one.send("b NOOP\r\n") == "b OK Done\r\n");
}
