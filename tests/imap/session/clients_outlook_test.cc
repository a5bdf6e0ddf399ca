// What Outlook does, the old one and the new one (which comes from Microsoft's servers), and what they need back. Its
// heartbeats are in idle_test.cc, INBOX's case in status_test.cc, subscriptions in list_test.cc.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "imap/session/world.h"

using namespace std::literals;
using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("Outlook: special uses in LSUB") {
  check_logged_in(R"(
    C: a LSUB "" "*"
    S: * LSUB () "/" INBOX
    S: * LSUB (\Archive) "/" Archive
    S: * LSUB (\Drafts) "/" Drafts
    S: * LSUB (\Junk) "/" Junk
    S: * LSUB (\Sent) "/" Sent
    S: * LSUB (\Trash) "/" Trash
    S~ a OK *
    # In other languages it makes its own.
    C: b CREATE "Gel&APY-schte Elemente"
    S~ b OK *
    C: c SUBSCRIBE "Gel&APY-schte Elemente"
    S~ c OK *
    C: d LSUB "" "Gel*"
    S: * LSUB () "/" "Gel&APY-schte Elemente"
    S~ d OK *
  )");
}

TEST_CASE("Outlook: a heartbeat every two minutes of IDLE, as it does not ask itself") {
  check_selected(R"(
    C: a IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    ! deliver news
    S: * 1 EXISTS
    S: * 1 RECENT
    ! after 119
    ! want read
    ! after 1
    S: * OK Still here
    C: DONE
    S~ a OK *
  )");
}

TEST_CASE("Outlook: INBOX in the case that it wrote, everywhere") {
  check_logged_in(R"(
    C: a LIST "" "Inbox"
    S: * LIST (\HasNoChildren) "/" Inbox
    S~ a OK *
    C: b LSUB "" "Inbox"
    S: * LSUB () "/" Inbox
    S~ b OK *
    C: c STATUS "Inbox" (UNSEEN)
    S: * STATUS Inbox (UNSEEN 1)
    S~ c OK *
    C: d SELECT "Inbox"
    S~ ...
    S~ d OK *
    C: e UID COPY 1 "iNBOX"
    S~ ...
    S~ e OK [COPYUID * 1 2] *
  )",
                  {.prepare = with_messages(1)});
}

// A UID that comes again, or one that is lower than the last, is error 0x800CCCDC.
TEST_CASE("Outlook: UIDs rise, whatever is removed and however messages come") {
  check_selected(R"(
    C: a STORE 3 +FLAGS.SILENT (\Deleted)
    S~ a OK *
    C: b EXPUNGE
    S: * 3 EXPUNGE
    S~ b OK *
    C: c APPEND INBOX {1+}
    C: x
    S~ ...
    S~ c OK [APPENDUID * 4] *
    C: d COPY 1 INBOX
    S~ ...
    S~ d OK [COPYUID * 1 5] *
    C: e MOVE 1:4 Archive
    S~ * OK [COPYUID * 1:2,4:5 1:4] *
    S~ ...
    S~ e OK *
    ! deliver four
    C: f NOOP
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ f OK *
    C: g UID SEARCH ALL
    S: * SEARCH 6
    S~ g OK *
    C: h MOVE 1 INBOX
    S~ ...
    S: * 1 EXPUNGE
    S~ ...
    S~ h OK *
    C: i UID SEARCH ALL
    S: * SEARCH 7
    S~ i OK *
    C: j UID EXPUNGE 7
    S~ j OK *
    C: k STATUS INBOX (UIDNEXT)
    S: * STATUS INBOX (UIDNEXT 8)
    S~ k OK *
    C: l SELECT Archive
    S~ ...
    S~ * OK [UIDNEXT 5] *
    S~ ...
    S~ l OK *
    C: m UID FETCH 1:* UID
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 2)
    S: * 3 FETCH (UID 3)
    S: * 4 FETCH (UID 4)
    S~ m OK *
  )",
                 {.prepare = with_messages(3)});
}

// The UIDs of a mailbox that is made again begin anew, so its UIDVALIDITY has to be higher.
TEST_CASE("Outlook: a folder that is deleted and made again has another UIDVALIDITY") {
  WorldOptions options;
  const Store store = make_store(options);
  Client client(store, options);
  client.send("a LOGIN alice secret\r\n");
  unsigned long last = 0;
  for (int i = 0; i < 5; ++i) {
    CHECK(client.send("b CREATE Again\r\n").find("b OK") != std::string::npos);
    const std::string output = client.send("c APPEND Again {1+}\r\nx\r\n");
    const std::size_t at = output.find("APPENDUID ");
    REQUIRE(at != std::string::npos);
    CHECK(output.find(" 1]", at) != std::string::npos);
    const unsigned long validity = std::stoul(output.substr(at + 10));
    CHECK(validity > last);
    last = validity;
    CHECK(client.send("d DELETE Again\r\n") == "d OK Delete completed\r\n");
  }
}

TEST_CASE("Outlook: hangs on NULs, so there are none in any answer") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("Subject: n\0l\r\nContent-Type: text/plain; name=\"a\0b\"\r\n\r\na\0b\r\n"sv).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  const std::string output = client.send(
      "a UID FETCH 1 (UID RFC822.SIZE RFC822 RFC822.HEADER RFC822.TEXT BODY.PEEK[] BODY.PEEK[1] BODY.PEEK[TEXT]<0.5> "
      "BODY.PEEK[HEADER.FIELDS (Subject)] ENVELOPE BODYSTRUCTURE PREVIEW)\r\n");
  CHECK(output.find("a OK Fetch completed\r\n") != std::string::npos);
  CHECK(output.find('\0') == std::string::npos);
  // One octet stands for each, so that the size is right.
  CHECK(output.find("RFC822.SIZE 59 ") != std::string::npos);
  CHECK(output.find("BODY[] {59}\r\n") != std::string::npos);
}

TEST_CASE("Outlook: subscribes to folders that can't be selected, and unsubscribes them again") {
  check_logged_in(R"(
    C: a CREATE Deleted/Below
    S~ a OK *
    C: b DELETE Deleted
    S~ b OK *
    C: c SUBSCRIBE Deleted
    S: c OK Subscribe completed
    C: d LSUB "" "Del*"
    S: * LSUB (\Noselect) "/" Deleted
    S~ d OK *
    C: e UNSUBSCRIBE Deleted
    S: e OK Unsubscribe completed
    C: f LSUB "" "Del*"
    S~ f OK *
  )");
}

// It enables UIDONLY where it is offered, and then sends sequence numbers.
TEST_CASE("new Outlook: UIDONLY is neither offered nor enabled, so sequence numbers go on") {
  WorldOptions options{.prepare = with_messages(2)};
  const Store store = make_store(options);
  Client client(store, options);
  CHECK(client.send("a LOGIN alice secret\r\n").find("UIDONLY") == std::string::npos);
  const std::string capabilities = client.send("b CAPABILITY\r\n");
  CHECK(capabilities.find(" CONDSTORE ") != std::string::npos);
  CHECK(capabilities.find("UIDONLY") == std::string::npos);
  CHECK(client.send("c ENABLE UIDONLY\r\n") == "* ENABLED\r\nc OK Nothing enabled\r\n");
  CHECK(client.send("d SELECT INBOX\r\n").find("d OK") != std::string::npos);
  CHECK(client.send("e FETCH 1:2 UID\r\n") == "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\ne OK Fetch completed\r\n");
}

// Thousands of users come from few addresses: whoever has the right password is never refused for what others do, and
// who has been there before doesn't even wait.
TEST_CASE("new Outlook: wrong passwords for one account lock out no other of the same address") {
  WorldOptions options;
  const Store store = make_store(options);
  store.create_account("bob", {.password = "hidden"}).value();
  store.create_account("carol", {.password = "secret"}).value();
  {
    Client before(store, options);
    CHECK(before.send("a LOGIN alice secret\r\n").find("a OK ") != std::string::npos);
  }
  for (int i = 0; i < 10; ++i) {
    Client wrong(store, options);
    wrong.send("a LOGIN bob wrong" + std::to_string(i) + "\r\n");
  }
  Client alice(store, options);
  CHECK(alice.send("a LOGIN alice secret\r\n").find("a OK ") != std::string::npos);
  Client carol(store, options);
  CHECK(carol.send("a LOGIN carol secret\r\n").empty());
  carol.session().set_now(protocol::Clock::now() + std::chrono::seconds(16));
  carol.session().on_deadline();
  std::string output;
  carol.session().produce(output, 65'536);
  CHECK(output.find("a OK ") != std::string::npos);
}
