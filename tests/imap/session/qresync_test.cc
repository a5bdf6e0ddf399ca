// QRESYNC (RFC 7162 §3.2). INBOX is made with MODSEQ 2; each change of the account takes the next one.
#include <catch2/catch.hpp>

#include "imap/session/world.h"
#include "sqlite/expunge_log.h"
#include "store/store_impl.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

std::string uid_validity(const Store& store) {
  return std::to_string(inbox(store.account("alice").value()).status().value().uid_validity);
}

// A client that enabled QRESYNC and has selected nothing.
Client client_of(const Store& store, const WorldOptions& options) {
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  CHECK(client.send("e ENABLE QRESYNC\r\n") == "* ENABLED QRESYNC\r\ne OK Enabled\r\n");
  return client;
}

// What comes behind HIGHESTMODSEQ.
std::string resync(Client& client, const std::string& command) {
  const std::string output = client.send("r " + command + "\r\n");
  const std::size_t at = output.find("\r\n", output.find("[HIGHESTMODSEQ"));
  return at == std::string::npos ? output : output.substr(at + 2);
}

UidSet every_third(Uid last) {
  UidSet uids;
  for (Uid uid = 3; uid <= last; uid += 3) uids.add(uid);
  return uids;
}

// Removes messages with an expunge log that remembers none of it.
void expunge_and_forget(const Store& store, const UidSet& uids) {
  const Account account = store.account("alice").value();
  const Account::Impl impl{store.impl(), account.id(), "alice"};
  impl.change([&](store::Change& change) -> Result<void> {
        auto row = sqlite::load_mailbox(change.db, inbox(account).id()).value();
        const auto messages = store::read_messages(change.db, row.id, uids).value();
        store::remove_messages(change, row, messages).value();
        row.highest_modseq = change.take_modseq().value();
        sqlite::log_expunge(change.db, row, row.highest_modseq, uids, 1).value();
        return sqlite::save_mailbox(change.db, row);
      })
      .value();
}

}  // namespace

TEST_CASE("a client that comes back is told what it has missed") {
  WorldOptions options;
  options.prepare = with_messages(6);  // MODSEQ 3 to 8
  const Store store = make_store(options);
  const Mailbox mailbox = inbox(store.account("alice").value());
  const std::string validity = uid_validity(store);
  mailbox.snapshot(true).value();                                     // nothing is \Recent
  mailbox.store(UidSet::of(1, 1), {.flags = Flag::seen}).value();     // 9
  mailbox.remove(UidSet::of(2, 3)).value();                           // 10
  mailbox.store(UidSet::of(5, 5), {.flags = Flag::flagged}).value();  // 11
  mailbox.remove(UidSet::of(6, 6)).value();                           // 12
  mailbox.append(message("7")).value();                               // 13
  Client client = client_of(store, options);

  const std::string all =
      "* VANISHED (EARLIER) 2:3,6\r\n"
      "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (9))\r\n"
      "* 3 FETCH (UID 5 FLAGS (\\Flagged) MODSEQ (11))\r\n"
      "* 4 FETCH (UID 7 FLAGS (\\Recent) MODSEQ (13))\r\n"
      "r OK [READ-WRITE] Select completed\r\n";
  const std::string first = client.send("f SELECT INBOX (QRESYNC (" + validity + " 8))\r\n");
  CHECK(first.find("* 4 EXISTS\r\n") != std::string::npos);
  CHECK(first.find("* OK [HIGHESTMODSEQ 13] Highest\r\n* VANISHED (EARLIER) 2:3,6\r\n") != std::string::npos);
  // \Recent is claimed by now.
  const std::string again = resync(client, "SELECT INBOX (CONDSTORE QRESYNC (" + validity + " 8 1:7))");
  CHECK(again ==
        "* VANISHED (EARLIER) 2:3,6\r\n"
        "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (9))\r\n"
        "* 3 FETCH (UID 5 FLAGS (\\Flagged) MODSEQ (11))\r\n"
        "* 4 FETCH (UID 7 FLAGS () MODSEQ (13))\r\n"
        "r OK [READ-WRITE] Select completed\r\n");
  CHECK(resync(client, "EXAMINE INBOX (QRESYNC (" + validity + " 10 1:6))") ==
        "* VANISHED (EARLIER) 6\r\n"
        "* 3 FETCH (UID 5 FLAGS (\\Flagged) MODSEQ (11))\r\n"
        "r OK [READ-ONLY] Examine completed\r\n");
  CHECK(resync(client, "SELECT INBOX (QRESYNC (" + validity + " 8 4:5))") ==
        "* 3 FETCH (UID 5 FLAGS (\\Flagged) MODSEQ (11))\r\n"
        "r OK [READ-WRITE] Select completed\r\n");
  CHECK(resync(client, "SELECT INBOX (QRESYNC (" + validity + " 13))") == "r OK [READ-WRITE] Select completed\r\n");
  CHECK(resync(client, "SELECT INBOX (QRESYNC (" + validity + " 999))") == "r OK [READ-WRITE] Select completed\r\n");
  // Another UIDVALIDITY: nothing that the client knew counts.
  CHECK(resync(client, "SELECT INBOX (QRESYNC (1 8))") == "r OK [READ-WRITE] Select completed\r\n");
  // Written for those who compare by eye: what the first one told.
  CHECK(first.substr(first.find("* VANISHED")).size() == all.size());
}

TEST_CASE("what QRESYNC needs, and its syntax") {
  check_logged_in(R"(
    C: a SELECT INBOX (QRESYNC (1 2))
    S: a BAD QRESYNC needs ENABLE QRESYNC first
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)
    S: c BAD VANISHED needs ENABLE QRESYNC first
    C: d ENABLE CONDSTORE QRESYNC
    S: * ENABLED CONDSTORE QRESYNC
    S: * OK [HIGHESTMODSEQ 3] Highest
    S: d OK Enabled
    C: e UID FETCH 1:* FLAGS (VANISHED)
    S: e BAD VANISHED needs CHANGEDSINCE
    C: f FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)
    S: f BAD VANISHED is for UID FETCH alone
    C: g SELECT Trash (QRESYNC)
    S~ g BAD *
    C: h SELECT Trash (QRESYNC (0 1))
    S~ h BAD *
    C: i SELECT Trash (QRESYNC (1 1 1:*))
    S~ i BAD *
    C: j SELECT Trash (QRESYNC (1 1 1:2 (1:2 3)))
    S~ j BAD *
    C: k SELECT Trash (QRESYNC (1 1 (1:2 3:*)))
    S~ k BAD *
    C: l SELECT Trash (QRESYNC (1 1) QRESYNC (1 1))
    S~ l BAD *
    C: m SELECT Trash (QRESYNC (1 1 1:2 (1:2 3:4) x))
    S~ m BAD *
    # None of these has deselected INBOX.
    C: n FETCH 1 UID
    S: * 1 FETCH (UID 1)
    S~ n OK *
    C: o SELECT Trash (QRESYNC (1 1 (1:2 3:4)))
    S~ * OK [CLOSED] *
    S~ ...
    S~ o OK *
    C: p SELECT Nowhere (QRESYNC (1 1))
    S~ * OK [CLOSED] *
    S~ p NO [NONEXISTENT] *
  )",
                  {.prepare = with_messages(1)});
}

TEST_CASE("UID FETCH with VANISHED") {
  WorldOptions options;
  options.prepare = with_messages(8);  // MODSEQ 3 to 10
  const Store store = make_store(options);
  const Mailbox mailbox = inbox(store.account("alice").value());
  mailbox.remove(UidSet::of(2, 3)).value();                        // 11
  mailbox.store(UidSet::of(4, 4), {.flags = Flag::seen}).value();  // 12
  mailbox.remove(UidSet::of(8, 8)).value();                        // 13
  Client client = client_of(store, options);
  client.send("s SELECT INBOX\r\n");
  CHECK(client.send("a UID FETCH 1:4 (FLAGS) (CHANGEDSINCE 10 VANISHED)\r\n") ==
        "* VANISHED (EARLIER) 2:3\r\n"
        "* 2 FETCH (UID 4 FLAGS (\\Seen \\Recent) MODSEQ (12))\r\n"
        "a OK Fetch completed\r\n");
  // "*" is 7 now, but the client may know 8.
  CHECK(client.send("b UID FETCH 3:* (UID) (VANISHED CHANGEDSINCE 11)\r\n") ==
        "* VANISHED (EARLIER) 8\r\n"
        "* 2 FETCH (UID 4 MODSEQ (12))\r\n"
        "b OK Fetch completed\r\n");
  CHECK(client.send("c UID FETCH 1:7 (UID) (CHANGEDSINCE 12 VANISHED)\r\n") == "c OK Fetch completed\r\n");
  CHECK(client.send("d UID FETCH 100:200 (UID) (CHANGEDSINCE 1 VANISHED)\r\n") == "d OK Fetch completed\r\n");
  // What the client has in its view is expunged for it with the VANISHED that counts down, not with this one.
  mailbox.remove(UidSet::of(5, 6)).value();
  CHECK(client.send("e UID FETCH 1:7 (UID) (CHANGEDSINCE 12 VANISHED)\r\n") ==
        "* VANISHED 5:6\r\n"
        "e OK [HIGHESTMODSEQ 14] Fetch completed\r\n");
}

TEST_CASE("VANISHED instead of EXPUNGE") {
  // RFC 7162 §3.2.7 and §3.2.9.
  check_logged_in(R"(
    C: a ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S~ a OK *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c STORE 3:4,7,11 +FLAGS.SILENT (\Deleted)
    S~ ...
    S~ c OK *
    C: d UID EXPUNGE 3:4
    S: * VANISHED 3:4
    S: d OK [HIGHESTMODSEQ 15] Expunge completed
    C: e EXPUNGE
    S: * VANISHED 7,11
    S: e OK [HIGHESTMODSEQ 16] Expunge completed
    C: f EXPUNGE
    S: f OK Expunge completed
    C: g UID MOVE 1:2 Trash
    S~ * OK [COPYUID * 1:2 1:2] Moved
    S: * VANISHED 1:2
    S: g OK [HIGHESTMODSEQ 17] Move completed
    ! expunge 5
    ! expunge 8:9
    ! deliver 12
    C: h NOOP
    S: * VANISHED 5,8:9
    S: * 3 EXISTS
    S: * 3 RECENT
    S: h OK [HIGHESTMODSEQ 20] Done
    C: i SEARCH ALL
    S: * SEARCH 1 2 3
    S~ i OK *
    C: j UID SEARCH ALL
    S: * SEARCH 6 10 12
    S~ j OK *
  )",
                  {.prepare = with_messages(11)});
}

TEST_CASE("a VANISHED that is held back keeps HIGHESTMODSEQ low") {
  // RFC 7162 §6.
  check_logged_in(R"(
    C: a ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S~ a OK *
    C: b SELECT INBOX
    S~ ...
    S: * OK [HIGHESTMODSEQ 6] Highest
    S~ b OK *
    ! expunge 4
    ! flag 3 \Flagged
    C: c STORE 1:3 (UNCHANGEDSINCE 6) +FLAGS.SILENT (\Seen)
    S: * 1 FETCH (UID 1 MODSEQ (9))
    S: * 2 FETCH (UID 2 MODSEQ (9))
    S: * 3 FETCH (UID 3 FLAGS (\Flagged \Recent) MODSEQ (8))
    S: * OK [HIGHESTMODSEQ 6] Highest
    S~ c OK [MODIFIED 3] *
    C: d STORE 3 +FLAGS.SILENT (\Seen)
    S: * 3 FETCH (UID 3 MODSEQ (10))
    S: d OK [HIGHESTMODSEQ 6] Store completed
    C: e FETCH 4 UID
    S: e OK [EXPUNGEISSUED] Fetch completed
    C: f UID SEARCH 1:4
    S: * SEARCH 1 2 3
    S~ f OK *
    C: g UID SEARCH NOT 1:2
    S: * SEARCH 3
    S~ g OK *
    C: h UID SEARCH ALL
    S: * SEARCH 1 2 3
    S: * VANISHED 4
    S: h OK [HIGHESTMODSEQ 10] Search completed
    C: i NOOP
    S: i OK Done
  )",
                  {.prepare = with_messages(4)});
}

TEST_CASE("QRESYNC in IDLE") {
  check_logged_in(R"(
    C: a ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S~ a OK *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c IDLE
    S: + idling
    ! expunge 2
    S: * VANISHED 2
    ! flag 3 \Seen
    S: * 2 FETCH (UID 3 FLAGS (\Seen \Recent) MODSEQ (7))
    ! expunge 1
    S: * VANISHED 1
    ! deliver four
    S: * 2 EXISTS
    S: * 2 RECENT
    C: DONE
    S: c OK [HIGHESTMODSEQ 9] Idle completed
    C: d IDLE
    S: + idling
    ! flag 3 \Flagged
    S: * 1 FETCH (UID 3 FLAGS (\Flagged \Seen \Recent) MODSEQ (10))
    C: DONE
    S: d OK Idle completed
  )",
                  {.prepare = with_messages(3)});
}

TEST_CASE("a log that was cut: too many UIDs, never too few") {
  WorldOptions options;
  options.prepare = with_messages(30);  // MODSEQ 3 to 32
  const Store store = make_store(options);
  const std::string validity = uid_validity(store);
  const Mailbox mailbox = inbox(store.account("alice").value());
  mailbox.remove(UidSet::of(1, 1)).value();    // 33
  expunge_and_forget(store, every_third(30));  // 34
  mailbox.remove(UidSet::of(2, 2)).value();    // 35
  Client client = client_of(store, options);
  const std::string done = "r OK [READ-WRITE] Select completed\r\n";
  const std::string select = "SELECT INBOX (QRESYNC (" + validity;
  CHECK(resync(client, select + " 32))") == "* VANISHED (EARLIER) 1:3,6,9,12,15,18,21,24,27,30\r\n" + done);
  CHECK(resync(client, select + " 33 5:8,20:400))") == "* VANISHED (EARLIER) 6,21,24,27,30\r\n" + done);
  CHECK(resync(client, select + " 34))") == "* VANISHED (EARLIER) 2\r\n" + done);
  CHECK(client.send("a UID FETCH 10:13 FLAGS (CHANGEDSINCE 32 VANISHED)\r\n") ==
        "* VANISHED (EARLIER) 12\r\na OK Fetch completed\r\n");
  CHECK(client.send("b UID FETCH 10:13 FLAGS (CHANGEDSINCE 34 VANISHED)\r\n") == "b OK Fetch completed\r\n");

  // A session that was there all the time compares, too.
  Client other = client_of(store, options);
  other.send("s SELECT INBOX\r\n");
  UidSet scattered = UidSet::of(4, 4);
  scattered.add(7);
  scattered.add(29);
  expunge_and_forget(store, scattered);
  CHECK(other.send("n NOOP\r\n") == "* VANISHED 4,7,29\r\nn OK [HIGHESTMODSEQ 36] Done\r\n");
}

TEST_CASE("sequence match data spares what the client knows already") {
  // RFC 7162 §3.2.5.2: only every third message is left, and the log is of no use.
  WorldOptions options;
  options.prepare = with_messages(60);  // MODSEQ 3 to 62
  const Store store = make_store(options);
  const std::string validity = uid_validity(store);
  expunge_and_forget(store, UidSet::of(1, 60).minus(every_third(60)));
  Client client = client_of(store, options);
  const std::string done = "r OK [READ-WRITE] Select completed\r\n";
  const auto select = [&](const std::string& rest) {
    return resync(client, "SELECT INBOX (QRESYNC (" + validity + " 62 " + rest + "))");
  };
  CHECK(select("55:60") == "* VANISHED (EARLIER) 55:56,58:59\r\n" + done);
  CHECK(select("1:60 (5,10,18:20 15,30,54,57,60)") == done);
  CHECK(select("1:60 (5,10,18 15,30,54)") == "* VANISHED (EARLIER) 55:56,58:59\r\n" + done);
  // The message with number 18 is not the one that the client knew.
  CHECK(select("45:60 (5,16,18 15,48,58)") == "* VANISHED (EARLIER) 49:50,52:53,55:56,58:59\r\n" + done);
  CHECK(select("55:60 (1:2 1:2)") == "* VANISHED (EARLIER) 55:56,58:59\r\n" + done);
  CHECK(select("55:60 (1:4294967295 1:4294967295)") == "* VANISHED (EARLIER) 55:56,58:59\r\n" + done);
  CHECK(resync(client, "SELECT INBOX (QRESYNC (" + validity + " 62 (20 60)))") == done);
}

TEST_CASE("a long resynchronisation is written in steps, in lines of a sensible length") {
  WorldOptions options;
  options.prepare = with_messages(3000);
  const Store store = make_store(options);
  const std::string validity = uid_validity(store);
  const Mailbox mailbox = inbox(store.account("alice").value());
  const UidSet gone = UidSet::of(1, 3000).minus(every_third(3000));
  Client there = client_of(store, options);
  there.send("s SELECT INBOX\r\n");
  mailbox.remove(gone).value();
  Client client = client_of(store, options);
  client.offer("a SELECT INBOX (QRESYNC (" + validity + " 3))\r\n");
  std::string output;
  while (output.find("\r\na OK") == std::string::npos) {
    const std::string step = client.step(1000);
    REQUIRE(step.size() > 0);
    CHECK(step.size() < 8000);
    output += step;
  }
  CHECK(output.find("* VANISHED (EARLIER) 1:2,4:5,") != std::string::npos);
  CHECK(output.find(",2998:2999\r\n* 1 FETCH (UID 3 FLAGS () MODSEQ (5))\r\n") != std::string::npos);
  CHECK(output.find("* 1000 FETCH (UID 3000 ") != std::string::npos);

  there.offer("n NOOP\r\n");
  output.clear();
  std::string last;
  while (last.find("n OK") == std::string::npos) {
    last = there.step(1000);
    REQUIRE(last.size() > 0);
    CHECK(last.size() < 8000);
    output += last;
  }
  CHECK(output.find("* VANISHED 1501:1502,") != std::string::npos);
  CHECK(output.find("* VANISHED 1:2,4:5,") != std::string::npos);
  CHECK(output.ends_with("n OK [HIGHESTMODSEQ 3003] Done\r\n"));
  CHECK(there.send("x UID SEARCH UID 1:10\r\n").find("* SEARCH 3 6 9\r\n") == 0);
  CHECK(there.send("y FETCH 1000 UID\r\n").find("* 1000 FETCH (UID 3000)\r\n") == 0);
}

TEST_CASE("what happens between SELECT and its resynchronisation is not lost") {
  WorldOptions options;
  options.prepare = with_messages(400);
  const Store store = make_store(options);
  const std::string validity = uid_validity(store);
  const Mailbox mailbox = inbox(store.account("alice").value());
  Client client = client_of(store, options);
  client.offer("a SELECT INBOX (QRESYNC (" + validity + " 3))\r\n");
  std::string output = client.step(500);
  CHECK(output.find("* OK [HIGHESTMODSEQ 402] Highest") != std::string::npos);
  mailbox.store(UidSet::of(1, 1), {.flags = Flag::seen}).value();      // 403: its FETCH response is out already
  mailbox.remove(UidSet::of(399, 399)).value();                        // 404
  mailbox.store(UidSet::of(400, 400), {.flags = Flag::seen}).value();  // 405
  output = client.send("");
  CHECK(output.find("* 400 FETCH (UID 400 FLAGS (\\Seen \\Recent) MODSEQ (405))\r\na OK") != std::string::npos);
  CHECK(output.find("VANISHED") == std::string::npos);
  CHECK(client.send("b NOOP\r\n") ==
        "* VANISHED 399\r\n"
        "* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (403))\r\n"
        "* 399 FETCH (UID 400 FLAGS (\\Seen \\Recent) MODSEQ (405))\r\n"
        "b OK Done\r\n");
}
