#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("CONTEXT: flags that others change") {
  check_selected(R"(
    C: B01 UID SEARCH RETURN (UPDATE COUNT) DELETED KEYWORD $Junk
    S: * ESEARCH (TAG "B01") UID COUNT 0
    S: B01 OK Search completed
    # Refused, and without effect.
    C: B01 SEARCH RETURN (UPDATE) FLAGGED
    S: B01 BAD Tag reuse
    ! flag 2:3 \Deleted
    C: a NOOP
    S: * 2 FETCH (UID 2 FLAGS (\Deleted \Recent))
    S: * 3 FETCH (UID 3 FLAGS (\Deleted \Recent))
    S~ a OK *
    ! flag 2:3 $Junk
    C: b NOOP
    S~ * FLAGS *
    S~ * OK [PERMANENTFLAGS *] *
    S: * 2 FETCH (UID 2 FLAGS (\Deleted \Recent $Junk))
    S: * 3 FETCH (UID 3 FLAGS (\Deleted \Recent $Junk))
    S: * ESEARCH (TAG "B01") UID ADDTO (0 2:3)
    S~ b OK *
    # A change that makes no difference.
    ! flag 2 \Seen
    C: c NOOP
    S~ * 2 FETCH *
    S~ c OK *
    # A removed message leaves before its EXPUNGE.
    ! expunge 2
    C: d NOOP
    S: * ESEARCH (TAG "B01") UID REMOVEFROM (0 2)
    S: * 2 EXPUNGE
    S~ d OK *
    C: B04 CANCELUPDATE "B01"
    S: B04 OK No further updates
    ! expunge 3
    C: e NOOP
    S: * 2 EXPUNGE
    S~ e OK *
    C: f CANCELUPDATE "B01"
    S~ f NO *
    # The tag is free again.
    C: B01 SEARCH RETURN (UPDATE COUNT) FLAGGED
    S: * ESEARCH (TAG "B01") COUNT 0
    S~ B01 OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("CONTEXT: what the session itself changes, by sequence number") {
  check_selected(R"(
    C: u SEARCH RETURN (UPDATE ALL) UNSEEN
    S: * ESEARCH (TAG "u") ALL 1:3
    S~ u OK *
    C: a STORE 2 +FLAGS.SILENT (\Seen)
    S: * ESEARCH (TAG "u") REMOVEFROM (0 2)
    S~ a OK *
    C: b STORE 3 +FLAGS (\Seen)
    S: * 3 FETCH (FLAGS (\Seen \Recent))
    S: * ESEARCH (TAG "u") REMOVEFROM (0 3)
    S~ b OK *
    C: c FETCH 1 BODY[TEXT]
    S~ * 1 FETCH (FLAGS (\Seen \Recent) BODY[TEXT] {9}
    S: Hello 1
    S: )
    S: * ESEARCH (TAG "u") REMOVEFROM (0 1)
    S~ c OK *
    C: d STORE 1,3 -FLAGS.SILENT (\Seen)
    S: * ESEARCH (TAG "u") ADDTO (0 1,3)
    S~ d OK *
    C: e STORE 1 +FLAGS.SILENT (\Deleted)
    S~ e OK *
    C: f EXPUNGE
    S: * ESEARCH (TAG "u") REMOVEFROM (0 1)
    S: * 1 EXPUNGE
    S~ f OK *
    C: g STORE 1 -FLAGS.SILENT (\Seen)
    S: * ESEARCH (TAG "u") ADDTO (0 1)
    S~ g OK *
    C: h UID MOVE 3 Trash
    S~ * OK [COPYUID *] *
    S: * ESEARCH (TAG "u") REMOVEFROM (0 2)
    S: * 2 EXPUNGE
    S~ h OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("CONTEXT: while EXPUNGE is held back") {
  check_selected(R"(
    C: u SEARCH RETURN (UPDATE COUNT) ALL
    S: * ESEARCH (TAG "u") COUNT 3
    S~ u OK *
    ! expunge 2
    C: a FETCH 1 UID
    S: * 1 FETCH (UID 1)
    S: * ESEARCH (TAG "u") REMOVEFROM (0 2)
    S~ a OK *
    C: b FETCH 3 UID
    S: * 3 FETCH (UID 3)
    S~ b OK *
    C: c NOOP
    S: * 2 EXPUNGE
    S~ c OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("CONTEXT: while the client is idle") {
  check_selected(R"(
    C: s SEARCH RETURN (UPDATE COUNT) UNSEEN SUBJECT two
    S: * ESEARCH (TAG "s") COUNT 0
    S~ s OK *
    C: t UID SEARCH RETURN (UPDATE ALL) NOT 2:3
    S: * ESEARCH (TAG "t") UID ALL 1
    S~ t OK *
    C: a IDLE
    S: + idling
    ! want read
    ! deliver two
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * ESEARCH (TAG "s") ADDTO (0 2)
    S: * ESEARCH (TAG "t") UID ADDTO (0 2)
    ! flag 2 \Seen
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent))
    S: * ESEARCH (TAG "s") REMOVEFROM (0 2)
    ! expunge 1
    S: * ESEARCH (TAG "t") UID REMOVEFROM (0 1)
    S: * 1 EXPUNGE
    C: DONE
    S~ a OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("CONTEXT: a message that comes and goes before anybody looks") {
  check_selected(R"(
    C: u UID SEARCH RETURN (UPDATE COUNT) ALL
    S: * ESEARCH (TAG "u") UID COUNT 1
    S~ u OK *
    ! deliver two
    ! deliver three
    ! expunge 2
    C: a NOOP
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * ESEARCH (TAG "u") UID ADDTO (0 3)
    S~ a OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("CONTEXT: with PARTIAL, SAVE and alone") {
  check_selected(R"(
    C: p UID SEARCH RETURN (CONTEXT UPDATE PARTIAL 1:1) UNDELETED
    S: * ESEARCH (TAG "p") UID PARTIAL (1:1 1)
    S~ p OK *
    # The updates are of the whole result.
    ! flag 3 \Deleted
    C: a NOOP
    S~ * 3 FETCH *
    S: * ESEARCH (TAG "p") UID REMOVEFROM (0 3)
    S~ a OK *
    C: q SEARCH RETURN (SAVE UPDATE) DELETED
    S~ q OK *
    C: b SEARCH $
    S: * SEARCH 3
    S~ b OK *
    # Neither of them says what is to be returned.
    C: r SEARCH RETURN (CONTEXT UPDATE) UNDELETED
    S: * ESEARCH (TAG "r") ALL 1:2
    S~ r OK *
    C: c STORE 1 +FLAGS.SILENT (\Deleted)
    S: * ESEARCH (TAG "p") UID REMOVEFROM (0 1)
    S: * ESEARCH (TAG "q") ADDTO (0 1)
    S: * ESEARCH (TAG "r") REMOVEFROM (0 1)
    S~ c OK *
    # The saved result is none of theirs.
    C: d SEARCH $
    S: * SEARCH 3
    S~ d OK *
    C: e CANCELUPDATE "p" "r"
    S~ e OK *
    C: f STORE 1 -FLAGS.SILENT (\Deleted)
    S: * ESEARCH (TAG "q") REMOVEFROM (0 1)
    S~ f OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("CONTEXT: the result ends with the selection") {
  check_selected(R"(
    C: u SEARCH RETURN (UPDATE COUNT) SEEN
    S~ * ESEARCH *
    S~ u OK *
    C: a SELECT INBOX
    S~ ...
    S~ a OK *
    C: b STORE 1 +FLAGS.SILENT (\Seen)
    S~ b OK *
    C: u SEARCH RETURN (UPDATE COUNT) SEEN
    S: * ESEARCH (TAG "u") COUNT 1
    S~ u OK *
    C: c UNSELECT
    S~ c OK *
    C: d CANCELUPDATE "u"
    S~ d BAD *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("CONTEXT: no more than sixteen, and what is refused is searched all the same") {
  WorldOptions options;
  options.prepare = with_messages(2);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  for (int i = 1; i <= 16; ++i) {
    const std::string tag = "t" + std::to_string(i);
    CHECK(client.send(tag + " SEARCH RETURN (UPDATE COUNT) SEEN\r\n") ==
          "* ESEARCH (TAG \"" + tag + "\") COUNT 0\r\n" + tag + " OK Search completed\r\n");
  }
  CHECK(client.send("t17 SEARCH RETURN (UPDATE COUNT) ALL\r\n") ==
        "* ESEARCH (TAG \"t17\") COUNT 2\r\n"
        "* NO [NOUPDATE \"t17\"] The server keeps no more results up to date\r\n"
        "t17 OK Search completed\r\n");
  CHECK(client.send("x CANCELUPDATE \"t3\"\r\n") == "x OK No further updates\r\n");
  CHECK(client.send("t17 SEARCH RETURN (UPDATE COUNT) ALL\r\n") ==
        "* ESEARCH (TAG \"t17\") COUNT 2\r\nt17 OK Search completed\r\n");
}

TEST_CASE("CONTEXT: criteria that would take too much memory are refused") {
  WorldOptions options;
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  const std::string text(120'000, 'x');
  std::string keys;
  for (int i = 0; i < 8; ++i) keys += " TEXT {120000+}\r\n" + text;
  CHECK(client.send("a SEARCH RETURN (UPDATE COUNT)" + keys + "\r\n").find("NOUPDATE") == std::string::npos);
  CHECK(client.send("b SEARCH RETURN (UPDATE COUNT)" + keys + "\r\n").find("* NO [NOUPDATE \"b\"] ") !=
        std::string::npos);
  CHECK(client.send("c SEARCH RETURN (UPDATE COUNT) SEEN\r\n").find("NOUPDATE") == std::string::npos);
}

TEST_CASE("CONTEXT: many changes at once come in responses of a bounded size") {
  constexpr int kMessages = 5000;
  WorldOptions options;
  options.prepare = [](const Account& account) {
    std::vector<NewMessage> messages;
    for (int i = 1; i <= kMessages; ++i) messages.push_back(new_message(account, "Subject: x\r\n\r\nx\r\n"));
    inbox(account).append(std::move(messages)).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.send("u UID SEARCH RETURN (UPDATE COUNT) UNFLAGGED\r\n");
  const Mailbox box = inbox(store.account("alice").value());
  UidSet odd;
  for (Uid uid = 1; uid <= kMessages; uid += 2) odd.add(uid);
  box.store(odd, {.flags = Flag::flagged}).value();
  std::string told = client.send("a NOOP\r\n", 2000);
  // All of them, each once.
  std::size_t removed = 0;
  for (std::size_t at = told.find("REMOVEFROM (0 "); at != std::string::npos;
       at = told.find("REMOVEFROM (0 ", at + 1)) {
    const std::string set = told.substr(at + 14, told.find(')', at) - at - 14);
    CHECK(set.size() < 16'000);
    removed += static_cast<std::size_t>(std::count(set.begin(), set.end(), ',')) + 1;
  }
  CHECK(removed == odd.count());
  box.remove(UidSet::of(1, kMessages)).value();
  told = client.send("b NOOP\r\n", 2000);
  removed = 0;
  for (std::size_t at = told.find("REMOVEFROM (0 "); at != std::string::npos;
       at = told.find("REMOVEFROM (0 ", at + 1)) {
    const std::string set = told.substr(at + 14, told.find(')', at) - at - 14);
    CHECK(told.find(" EXPUNGE") > at);
    removed += static_cast<std::size_t>(std::count(set.begin(), set.end(), ',')) + 1;
  }
  CHECK(removed == kMessages - odd.count());
  CHECK(told.ends_with("b OK Done\r\n"));
}

namespace {

// So many messages, of which every other one is flagged.
std::function<void(const Account&)> flagged_by_turns(std::uint32_t count) {
  return [count](const Account& account) {
    const Mailbox mailbox = inbox(account);
    mailbox.append(new_message(account, "Subject: x\r\n\r\nx\r\n")).value();
    mailbox.append(new_message(account, "Subject: x\r\n\r\nx\r\n", Flag::flagged)).value();
    for (std::uint32_t have = 2; have < count; have = mailbox.status().value().messages) {
      mailbox.copy(UidSet::of(1, std::min(have, count - have)), mailbox).value();
    }
  };
}

UidSet every_other(Uid first, Uid last) {
  UidSet set;
  for (Uid uid = first; uid <= last; uid += 2) set.add(uid);
  return set;
}

std::size_t occurrences(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("CONTEXT: a result that is too scattered is neither saved nor kept up to date, but told") {
  WorldOptions options;
  options.prepare = flagged_by_turns(140'000);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.send("a SEARCH RETURN (SAVE) 7\r\n");
  CHECK(client.send("b SEARCH RETURN (SAVE UPDATE COUNT) FLAGGED\r\n") ==
        "* ESEARCH (TAG \"b\") COUNT 70000\r\n"
        "* NO [NOUPDATE \"b\"] The server keeps no more results up to date\r\n"
        "b NO [NOTSAVED] The result is too scattered to be saved\r\n");
  // RFC 5182 §2.1: what was saved before is no more.
  CHECK(client.send("c SEARCH $\r\n") == "* SEARCH\r\nc OK Search completed\r\n");
  CHECK(client.send("d CANCELUPDATE \"b\"\r\n").starts_with("d NO "));
  // The tag is free, and one with a smaller result is kept.
  CHECK(client.send("b SEARCH RETURN (UPDATE COUNT) 1:1000 FLAGGED\r\n") ==
        "* ESEARCH (TAG \"b\") COUNT 500\r\nb OK Search completed\r\n");
}

TEST_CASE("CONTEXT: results that grow are let go of when all of them take too much memory") {
  constexpr std::uint32_t kMessages = 20'000;
  WorldOptions options;
  options.prepare = flagged_by_turns(kMessages);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  for (int i = 1; i <= 16; ++i) {
    const std::string tag = "t" + std::to_string(i);
    CHECK(client.send(tag + " UID SEARCH RETURN (UPDATE COUNT) KEYWORD x\r\n")
              .ends_with(tag + " OK Search completed\r\n"));
  }
  const Mailbox box = inbox(store.account("alice").value());
  box.store(every_other(1, kMessages), {.keywords = {"x"}}).value();
  std::string told = client.send("a NOOP\r\n");
  // 8 octets for each range.
  const std::size_t refused = occurrences(told, "* NO [NOUPDATE ");
  CHECK(refused == 3);
  CHECK((16 - refused) * kMessages / 2 * 8 <= 1024 * 1024);
  CHECK(told.find("* NO [NOUPDATE \"t14\"] The result has become too scattered\r\n") != std::string::npos);
  CHECK(told.ends_with("a OK Done\r\n"));
  // The others go on.
  box.store(UidSet::of(2, 2), {.keywords = {"x"}}).value();
  told = client.send("b NOOP\r\n");
  CHECK(occurrences(told, "UID ADDTO (0 2)\r\n") == 13);
  CHECK(told.find("\"t14\"") == std::string::npos);
  CHECK(client.send("c CANCELUPDATE \"t14\"\r\n").starts_with("c NO "));
  CHECK(client.send("d CANCELUPDATE \"t13\" \"t1\"\r\n") == "d OK No further updates\r\n");
  box.store(UidSet::of(2, 2), {.change = FlagChange::remove, .keywords = {"x"}}).value();
  CHECK(occurrences(client.send("e NOOP\r\n"), "UID REMOVEFROM (0 2)\r\n") == 11);
}

TEST_CASE("CONTEXT: a result does not grow by what is expunged out of it") {
  constexpr std::uint32_t kMessages = 20'000;
  WorldOptions options;
  options.prepare = flagged_by_turns(kMessages);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  for (int i = 1; i <= 16; ++i) client.send("t" + std::to_string(i) + " UID SEARCH RETURN (UPDATE COUNT) UNSEEN\r\n");
  const Mailbox box = inbox(store.account("alice").value());
  box.remove(every_other(2, kMessages)).value();
  std::string told = client.send("a NOOP\r\n");
  CHECK(told.find("NOUPDATE") == std::string::npos);
  CHECK(occurrences(told, " EXPUNGE\r\n") == kMessages / 2);
  // There is room for one that is scattered, and nothing is told twice.
  box.store(every_other(1, kMessages), {.flags = Flag::seen}).value();
  told = client.send("b NOOP\r\n");
  CHECK(told.find("NOUPDATE") == std::string::npos);
  box.store(UidSet::of(1, 3), {.change = FlagChange::remove, .flags = Flag::seen}).value();
  told = client.send("c NOOP\r\n");
  CHECK(occurrences(told, "UID ADDTO (0 1,3)\r\n") + occurrences(told, "UID ADDTO (0 1:3)\r\n") == 16);
  // EXPUNGE is held back, and comes later: REMOVEFROM comes once.
  box.remove(UidSet::of(3, 3)).value();
  CHECK(occurrences(client.send("d FETCH 1 UID\r\n"), "UID REMOVEFROM (0 3)\r\n") == 16);
  CHECK(client.send("e NOOP\r\n") == "* 2 EXPUNGE\r\ne OK Done\r\n");
}

TEST_CASE("CONTEXT: results change with time too (WITHIN)") {
  WorldOptions options;
  options.session.heartbeat = std::chrono::hours(1);
  options.prepare = [](const Account& account) {
    for (const std::int64_t age : {100, 0}) {
      NewMessage message = new_message(account, "Subject: x\r\n\r\nx\r\n");
      message.internal_date = DateTime{std::time(nullptr) - age, 0};
      inbox(account).append(std::move(message)).value();
    }
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  CHECK(client.send("u SEARCH RETURN (UPDATE ALL) YOUNGER 2\r\n") ==
        "* ESEARCH (TAG \"u\") ALL 2\r\nu OK Search completed\r\n");
  client.send("a IDLE\r\n");
  const auto due = client.session().deadline();
  REQUIRE(due);
  CHECK(*due - protocol::Clock::now() <= std::chrono::seconds(60));
  // The store's clock is the real one: so that the message is 3 seconds old at last.
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
  client.session().set_now(*due);
  client.session().on_deadline();
  std::string out;
  while (client.session().want() == protocol::Want::write) client.session().produce(out, 1000);
  CHECK(out == "* ESEARCH (TAG \"u\") REMOVEFROM (0 2)\r\n");
}
