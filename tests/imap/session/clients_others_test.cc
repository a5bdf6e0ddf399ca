// What mutt, K-9 Mail, FairEmail, Delta Chat and Nextcloud do, and what they need back.
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "imap/session/world.h"
#include "sqlite/scratch.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// A store that is opened again and again.
struct Reopened {
  Store open() const {
    StoreOptions options;
    options.path = scratch.file("mail");
    options.password_cost = 1;
    Store store = Store::open(options).value();
    if (!store.account("alice")) store.create_account("alice", {.password = "secret"}).value();
    return store;
  }
  sqlite::Scratch scratch;
};

}  // namespace

// --- mutt -------------------------------------------------------------------------------------------------------------

// It throws its header cache away if UIDVALIDITY changes, and asks for what is newer than the MODSEQ it has.
TEST_CASE("mutt: UIDVALIDITY and HIGHESTMODSEQ stay as they are over connections, restarts and renames") {
  const Reopened world;
  std::map<std::string, std::string> seen;
  {
    const Store store = world.open();
    const Account alice = store.account("alice").value();
    alice.create_mailbox("List").value();
    for (int i = 0; i < 3; ++i) {
      alice.mailbox("List").value().append(new_message(alice, message("x"), Flag::seen)).value();
    }
    alice.deliver(message("x")).value();
    alice.rename_mailbox("List", "Lists/One").value();
  }
  for (int round = 0; round < 3; ++round) {
    const Store store = world.open();
    for (int connection = 0; connection < 2; ++connection) {
      Client client(store);
      client.send("a0000 LOGIN alice secret\r\n");
      client.send("a0001 ENABLE QRESYNC\r\n");
      for (const std::string name : {"INBOX", "Lists/One"}) {
        const std::string output = client.send("a0002 SELECT \"" + name + "\"\r\n");
        const std::string now = std::to_string(number_behind(output, "[UIDVALIDITY ")) + " " +
                                std::to_string(number_behind(output, "[HIGHESTMODSEQ ")) + " " +
                                std::to_string(number_behind(output, "[UIDNEXT "));
        CHECK(now.find("0 ") != 0);
        CHECK(seen.try_emplace(name, now).first->second == now);
      }
    }
  }
}

TEST_CASE("mutt: its header cache is brought up to date by CHANGEDSINCE and VANISHED") {
  check_logged_in(R"(
    C: a0002 ENABLE CONDSTORE QRESYNC
    S: * ENABLED CONDSTORE QRESYNC
    S~ a0002 OK *
    C: a0003 SELECT "INBOX"
    S~ ...
    S: * OK [HIGHESTMODSEQ 7] Highest
    S~ a0003 OK *
    C: a0004 FETCH 1:5 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC \
    C: MESSAGE-ID REFERENCES CONTENT-TYPE CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO LINES LIST-POST X-LABEL)])
    S~ * 1 FETCH (UID 1 FLAGS (\Recent) INTERNALDATE "*" RFC822.SIZE 23 BODY[HEADER.FIELDS (DATE *)] {14}
    S: Subject: 1
    S:
    S: )
    S~ ...
    S~ a0004 OK *
    C: a0005 CLOSE
    S~ a0005 OK *
    ! flag 2 \Flagged
    ! expunge 3:4
    C: a0006 SELECT "INBOX"
    S~ ...
    S: * OK [HIGHESTMODSEQ 9] Highest
    S~ a0006 OK *
    C: a0007 UID FETCH 1:5 (FLAGS) (CHANGEDSINCE 7 VANISHED)
    S: * VANISHED (EARLIER) 3:4
    S: * 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ (8))
    S~ a0007 OK *
    C: a0008 UID FETCH 1:5 (FLAGS) (CHANGEDSINCE 9 VANISHED)
    S~ a0008 OK *
    C: a0009 LOGOUT
    S~ * BYE *
    S~ a0009 OK *
  )",
                  {.prepare = with_messages(5)});
}

// --- K-9 Mail, FairEmail ----------------------------------------------------------------------------------------------

TEST_CASE("K-9 Mail: quotes everything, and logs in with an initial response") {
  postfach::test::check_transcript(R"(
    S~ * OK [CAPABILITY * SASL-IR *] *
    C: 1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
    S~ 1 OK [CAPABILITY *] *
    C: 2 ID ("name" "K-9 Mail" "version" "6.804")
    S~ * ID *
    S~ 2 OK *
    C: 3 NAMESPACE
    S~ * NAMESPACE *
    S~ 3 OK *
    C: 4 LIST "" "*" RETURN (SPECIAL-USE)
    S: * LIST (\HasNoChildren) "/" INBOX
    S~ ...
    S~ 4 OK *
    C: 5 SELECT "INBOX"
    S~ ...
    S~ 5 OK *
    C: 6 UID SEARCH 1:2 NOT DELETED
    S: * SEARCH 1 2
    S~ 6 OK *
    C: 7 UID FETCH 1:2 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (date subject from content-type to cc \
    C: reply-to message-id references in-reply-to list-unsubscribe X-K9mail-Identity Chat-Version)])
    S~ * 1 FETCH (UID 1 FLAGS (\Recent) INTERNALDATE "*" RFC822.SIZE 23 BODY[HEADER.FIELDS (date *)] {14}
    S: Subject: 1
    S:
    S: )
    S~ ...
    S~ 7 OK *
    C: 8 UID MOVE 1 "Archive"
    S~ * OK [COPYUID *
    S: * 1 EXPUNGE
    S~ 8 OK *
    C: 9 IDLE
    S: + idling
    ! after 1739
    ! want read
    C: DONE
    S~ 9 OK *
  )",
                                   imap_transcript({.prepare = with_messages(2)}));
}

TEST_CASE("K-9 Mail: an empty folder, and more numbers than there are messages") {
  check_logged_in(R"(
    C: 1 SELECT "Trash"
    S~ ...
    S~ 1 OK *
    C: 2 UID SEARCH 1:* NOT DELETED
    S: * SEARCH
    S: 2 OK Search completed
    C: 3 UID SEARCH 1:25 NOT DELETED
    S: * SEARCH
    S: 3 OK Search completed
    C: 4 SELECT "INBOX"
    S~ ...
    S~ 4 OK *
    C: 5 UID SEARCH 1:25 NOT DELETED
    S: * SEARCH 1 2
    S: 5 OK Search completed
  )",
                  {.prepare = with_messages(2)});
}

TEST_CASE("FairEmail: few heartbeats, and the INBOX that it asked for") {
  check_logged_in(R"(
    C: A1 ID ("name" "FairEmail" "version" "1.2216" "os" "Android")
    S~ * ID *
    S~ A1 OK *
    C: A2 LIST "" "inbox"
    S: * LIST (\HasNoChildren) "/" inbox
    S~ A2 OK *
    C: A3 SELECT inbox (CONDSTORE)
    S~ ...
    S~ A3 OK *
    C: A4 IDLE
    S: + idling
    ! after 1739
    ! want read
    ! deliver news
    S: * 1 EXISTS
    S: * 1 RECENT
    ! after 1
    ! want read
    ! after 1800
    S: * OK Still here
    C: DONE
    S~ A4 OK *
  )");
}

// --- Delta Chat, Nextcloud ----------------------------------------------------------------------------------------------

// The libraries of both take 0 for "no mod-sequences here" and throw away what they have (RFC 7162 §3.1.2.1).
TEST_CASE("Delta Chat, Nextcloud: HIGHESTMODSEQ of an empty mailbox is at least 1") {
  const Store store = make_store({});
  Client client(store);
  client.send("1 LOGIN alice secret\r\n");
  client.send("2 CREATE New\r\n");
  client.send("3 APPEND Archive {1+}\r\nx\r\n");
  client.send("4 SELECT Archive\r\n5 STORE 1 +FLAGS (\\Deleted)\r\n6 CLOSE\r\n");
  for (const std::string name : {"INBOX", "Trash", "New", "Archive"}) {
    CAPTURE(name);
    const auto status =
        number_behind(client.send("7 STATUS " + name + " (MESSAGES HIGHESTMODSEQ)\r\n"), "HIGHESTMODSEQ ");
    CHECK(status >= 1);
    const std::string selected = client.send("8 SELECT " + name + "\r\n");
    CHECK(selected.find("* 0 EXISTS\r\n") != std::string::npos);
    CHECK(selected.find("NOMODSEQ") == std::string::npos);
    CHECK(number_behind(selected, "[HIGHESTMODSEQ ") == status);
    CHECK(number_behind(client.send("9 EXAMINE " + name + " (CONDSTORE)\r\n"), "[HIGHESTMODSEQ ") == status);
  }
}

// It polls with what it was told last: an empty mailbox that is as it was has nothing to tell.
TEST_CASE("Nextcloud: a resynchronisation of an empty mailbox") {
  const Store store = make_store({});
  const Account alice = store.account("alice").value();
  Client client(store);
  client.send("1 LOGIN alice secret\r\n2 ENABLE QRESYNC\r\n");
  const auto poll = [&client](const std::string& known) {
    return client.send("3 SELECT INBOX (QRESYNC (" + known + "))\r\n");
  };
  const std::string first = client.send("2 SELECT INBOX\r\n");
  const std::string validity = std::to_string(number_behind(first, "[UIDVALIDITY "));
  const std::string modseq = std::to_string(number_behind(first, "[HIGHESTMODSEQ "));
  for (const std::string& known : {modseq, std::string("1"), modseq + " 1:5"}) {
    const std::string output = poll(validity + " " + known);
    CAPTURE(output);
    CHECK(output.find("[HIGHESTMODSEQ " + modseq + "] Highest\r\n3 OK ") != std::string::npos);
  }
  alice.deliver(message("x")).value();
  inbox(alice).remove(UidSet::of(1, 1)).value();
  const std::string output = poll(validity + " " + modseq + " 1:5");
  CAPTURE(output);
  CHECK(number_behind(output, "[HIGHESTMODSEQ ") > std::stoull(modseq));
  CHECK(output.find("\r\n* VANISHED (EARLIER) 1\r\n3 OK ") != std::string::npos);
}
