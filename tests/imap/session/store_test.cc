// STORE, EXPUNGE, COPY, MOVE.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("STORE answers with the flags of every message, SILENT with none") {
  check_selected(R"(
    C: a STORE 1:2 +FLAGS (\Seen \Flagged)
    S: * 1 FETCH (FLAGS (\Flagged \Seen \Recent))
    S: * 2 FETCH (FLAGS (\Flagged \Seen \Recent))
    S: a OK Store completed
    C: b UID STORE 2 -FLAGS \Seen
    S: * 2 FETCH (UID 2 FLAGS (\Flagged \Recent))
    S: b OK Store completed
    C: c STORE 3 FLAGS.SILENT (\Draft)
    S: c OK Store completed
    C: d STORE 1:3 FLAGS ()
    S: * 1 FETCH (FLAGS (\Recent))
    S: * 2 FETCH (FLAGS (\Recent))
    S: * 3 FETCH (FLAGS (\Recent))
    S: d OK Store completed
    C: e UID STORE 77 +FLAGS (\Seen)
    S: e OK Store completed
    C: f STORE 3 +FLAGS (\Answered)
    S: * 3 FETCH (FLAGS (\Answered \Recent))
    S: f OK Store completed
    C: g NOOP
    S: g OK Done
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("keywords come to an end") {
  WorldOptions options;
  options.prepare = with_messages(1);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  std::string last;
  for (int i = 0; i < 65; ++i) last = client.send("a STORE 1 +FLAGS (k" + std::to_string(i) + ")\r\n");
  CHECK(last.find("a NO [LIMIT]") != std::string::npos);
  const std::string selected = client.send("b SELECT INBOX\r\n");
  CHECK(selected.find("k63)] Flags permitted") != std::string::npos);
}

TEST_CASE("EXPUNGE and UID EXPUNGE") {
  check_selected(R"(
    C: a STORE 1,3:4 +FLAGS.SILENT (\Deleted)
    S~ a OK *
    C: b UID EXPUNGE 3,5
    S: * 3 EXPUNGE
    S: b OK Expunge completed
    C: c EXPUNGE
    S: * 3 EXPUNGE
    S: * 1 EXPUNGE
    S: c OK Expunge completed
    C: d UID SEARCH ALL
    S: * SEARCH 2 5
    S~ d OK *
    C: e EXPUNGE
    S: e OK Expunge completed
  )",
                 {.prepare = with_messages(5)});
}

TEST_CASE("COPY tells the new UIDs") {
  check_selected(R"(
    C: a COPY 1:2 Trash
    S~ a OK [COPYUID * 1:2 1:2] *
    C: b UID COPY 3 Trash
    S~ b OK [COPYUID * 3 3] *
    C: c UID COPY 99 Trash
    S: c OK Copy completed
    C: d COPY 1 Nowhere
    S~ d NO [TRYCREATE] *
    C: e COPY 1 INBOX
    S: * 4 EXISTS
    S: * 4 RECENT
    S~ e OK [COPYUID * 1 4] *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("MOVE") {
  check_selected(R"(
    C: a MOVE 1,3 Trash
    S~ * OK [COPYUID * 1,3 1:2] Moved
    S: * 3 EXPUNGE
    S: * 1 EXPUNGE
    S: a OK Move completed
    C: b UID MOVE 2 Trash
    S~ * OK [COPYUID * 2 3] Moved
    S: * 1 EXPUNGE
    S: b OK Move completed
    C: c UID MOVE 2 Trash
    S: c OK Move completed
    C: d MOVE 1 Nowhere
    S~ d BAD *
    C: e UID MOVE 1 Nowhere
    S~ e NO [TRYCREATE] *
    C: f STATUS Trash (MESSAGES)
    S: * STATUS Trash (MESSAGES 3)
    S~ f OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("a COPY over quota copies nothing") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    with_messages(2)(account);
    account.set_quota({.messages = 3}).value();
  };
  check_selected(R"(
    C: a COPY 1:2 Trash
    S~ a NO [OVERQUOTA] *
    C: b STATUS Trash (MESSAGES)
    S: * STATUS Trash (MESSAGES 0)
    S~ b OK *
    C: c MOVE 1:2 Trash
    S~ * OK [COPYUID *] *
    S: * 2 EXPUNGE
    S: * 1 EXPUNGE
    S~ c OK *
  )",
                 options);
}

TEST_CASE("an EXPUNGE of many messages is told in steps") {
  WorldOptions options;
  options.prepare = with_messages(1000);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.send("a STORE 1:1000 +FLAGS.SILENT (\\Deleted)\r\n");
  client.offer("b EXPUNGE\r\n");
  CHECK(client.step(500).size() < 600);
  const std::string rest = client.send("");
  CHECK(rest.find("* 1 EXPUNGE\r\nb OK") != std::string::npos);
}
