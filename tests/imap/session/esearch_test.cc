#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// Messages 2, 10 and 11 of eleven are flagged.
void three_flagged(const Account& account) {
  with_messages(11)(account);
  UidSet uids = UidSet::of(10, 11);
  uids.add(2);
  inbox(account).store(uids, {.flags = Flag::flagged}).value();
}

}  // namespace

TEST_CASE("ESEARCH: the examples of RFC 4731") {
  check_selected(R"(
    C: A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A282") MIN 2 COUNT 3
    S: A282 OK Search completed
    C: A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A283") ALL 2,10:11
    S~ A283 OK *
    C: A284 SEARCH RETURN (MIN) UNSEEN
    S: * ESEARCH (TAG "A284") MIN 1
    S~ A284 OK *
    C: A285 UID SEARCH RETURN (MIN MAX) 1:11 FLAGGED
    S: * ESEARCH (TAG "A285") UID MIN 2 MAX 11
    S~ A285 OK *
    C: A286 SEARCH RETURN (COUNT) DELETED
    S: * ESEARCH (TAG "A286") COUNT 0
    S~ A286 OK *
    C: A287 SEARCH RETURN (MIN MAX ALL COUNT) FLAGGED
    S: * ESEARCH (TAG "A287") MIN 2 ALL 2,10:11 MAX 11 COUNT 3
    S~ A287 OK *
  )",
                 {.prepare = three_flagged});
}

TEST_CASE("ESEARCH: a response also if nothing is found") {
  check_selected(R"(
    C: a SEARCH RETURN () TEXT "string not in mailbox"
    S: * ESEARCH (TAG "a")
    S~ a OK *
    C: b UID SEARCH RETURN (MIN MAX ALL) DELETED
    S: * ESEARCH (TAG "b") UID
    S~ b OK *
    C: c SEARCH RETURN (MAX) DELETED
    S: * ESEARCH (TAG "c")
    S~ c OK *
  )",
                 {.prepare = with_messages(2)});
  check_selected(R"(
    C: a SEARCH RETURN (MIN MAX ALL COUNT) ALL
    S: * ESEARCH (TAG "a") COUNT 0
    S~ a OK *
    C: b SEARCH RETURN (MAX) ALL
    S: * ESEARCH (TAG "b")
    S~ b OK *
    C: c SEARCH ALL
    S: * SEARCH
    S~ c OK *
  )");
}

TEST_CASE("ESEARCH: numbers and UIDs once messages are gone") {
  check_selected(R"(
    ! expunge 3:5
    C: a NOOP
    S~ ...
    S~ a OK *
    C: b SEARCH RETURN (ALL MAX) UNDELETED
    S: * ESEARCH (TAG "b") ALL 1:8 MAX 8
    S~ b OK *
    C: c UID SEARCH RETURN (ALL MAX) UNDELETED
    S: * ESEARCH (TAG "c") UID ALL 1:2,6:11 MAX 11
    S~ c OK *
    # Expunged by another while the client still counts it: it is not found.
    ! expunge 11
    C: d SEARCH RETURN (ALL MAX) UNDELETED
    S: * ESEARCH (TAG "d") ALL 1:7 MAX 7
    S~ d OK *
  )",
                 {.prepare = with_messages(11)});
}

TEST_CASE("ESEARCH: a tag is data") {
  check_selected(R"(
    C: a.b]c=%x SEARCH RETURN (COUNT) ALL
    S~ * BAD *
    C: a.b]c=x SEARCH RETURN (COUNT) ALL
    S: * ESEARCH (TAG "a.b]c=x") COUNT 1
    S~ a.b]c=x OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("ESEARCH: what is refused") {
  check_selected(R"(
    C: a SEARCH RETURN (NEWEST) ALL
    S: a BAD Unknown return option
    C: b SEARCH RETURN (ALL PARTIAL 1:2) ALL
    S~ b BAD *
    C: c SEARCH RETURN (RELEVANCY) TEXT x
    S~ c BAD *
    C: d SEARCH RETURN (ALL)
    S~ d BAD *
    C: e SEARCH RETURN (ALL) CHARSET X-NONE TEXT x
    S~ e NO [BADCHARSET *] *
    C: f UID SEARCH RETURN (ALL) $,1
    S~ f BAD *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("what the host has switched off is unknown") {
  WorldOptions options;
  options.prepare = with_messages(1);
  options.session.capabilities.off = {"ESEARCH",        "SEARCHRES", "WITHIN",  "PARTIAL",
                                      "CONTEXT=SEARCH", "CONDSTORE", "QRESYNC", "SEARCH=FUZZY"};
  check_selected(R"(
    C: a SEARCH RETURN () ALL
    S: a BAD Unknown return option
    C: b SEARCH RETURN (SAVE) ALL
    S: b BAD Unknown return option
    C: c SEARCH RETURN (PARTIAL 1:2) ALL
    S: c BAD Unknown return option
    C: d SEARCH RETURN (UPDATE) ALL
    S: d BAD Unknown return option
    C: e SEARCH YOUNGER 5
    S: e BAD Unknown search key
    C: f SEARCH MODSEQ 5
    S: f BAD Unknown search key
    C: g SEARCH FUZZY TEXT x
    S: g BAD Unknown search key
    C: h SEARCH $
    S~ h BAD *
    C: i CANCELUPDATE "a"
    S: i BAD Unknown command
    C: j SEARCH ALL
    S: * SEARCH 1
    S~ j OK *
  )",
                 options);
}

TEST_CASE("WITHIN: OLDER and YOUNGER count from now") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    const auto age = [&account](std::int64_t seconds) {
      NewMessage message = new_message(account, "Subject: x\r\n\r\nx\r\n");
      message.internal_date = DateTime{std::time(nullptr) - seconds, 120};
      inbox(account).append(std::move(message)).value();
    };
    age(1000);
    age(100);
    age(-100);  // a clock that is fast
  };
  check_selected(R"(
    C: a1 SEARCH UNSEEN YOUNGER 259200
    S: * SEARCH 1 2 3
    S~ a1 OK *
    C: a2 SEARCH YOUNGER 500
    S: * SEARCH 2 3
    S~ a2 OK *
    C: a3 SEARCH OLDER 500
    S: * SEARCH 1
    S~ a3 OK *
    C: a4 SEARCH OLDER 1
    S: * SEARCH 1 2
    S~ a4 OK *
    C: a5 SEARCH NOT OLDER 50 YOUNGER 4294967295
    S: * SEARCH 3
    S~ a5 OK *
    C: a6 SEARCH YOUNGER 0
    S~ a6 BAD *
  )",
                 options);
}

TEST_CASE("ESEARCH: long results come in pieces, with and without a set") {
  // Every second message is flagged: as many ranges as a result can have.
  constexpr int kMessages = 10'000;
  WorldOptions options;
  options.prepare = [](const Account& account) {
    UidSet odd;
    std::vector<NewMessage> messages;
    for (int i = 1; i <= kMessages; ++i) {
      NewMessage& message = messages.emplace_back(new_message(account, "Subject: x\r\n\r\nx\r\n"));
      if (i % 2 == 1) message.flags = Flag::flagged;
    }
    inbox(account).append(std::move(messages)).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  std::string set;
  std::string list;
  for (int i = 1; i <= kMessages; i += 2) {
    set += (i == 1 ? "" : ",") + std::to_string(i);
    list += " " + std::to_string(i);
  }
  for (const std::size_t soft_limit : {std::size_t{100}, std::size_t{5000}, std::size_t{1'000'000}}) {
    CHECK(client.send("a SEARCH RETURN (MIN MAX ALL COUNT) FLAGGED\r\n", soft_limit) ==
          "* ESEARCH (TAG \"a\") MIN 1 ALL " + set + " MAX 9999 COUNT 5000\r\na OK Search completed\r\n");
    CHECK(client.send("b UID SEARCH RETURN (ALL) FLAGGED\r\n", soft_limit) ==
          "* ESEARCH (TAG \"b\") UID ALL " + set + "\r\nb OK Search completed\r\n");
    CHECK(client.send("c SEARCH FLAGGED\r\n", soft_limit) == "* SEARCH" + list + "\r\nc OK Search completed\r\n");
    CHECK(client.send("d SEARCH RETURN (ALL) ALL\r\n", soft_limit) ==
          "* ESEARCH (TAG \"d\") ALL 1:10000\r\nd OK Search completed\r\n");
  }
  // No turn gives much more than it was asked for.
  client.offer("e UID SEARCH FLAGGED\r\n");
  std::size_t total = 0;
  while (client.session().want() == protocol::Want::write) {
    const std::string some = client.step(1000);
    CHECK(some.size() < 4000);
    total += some.size();
  }
  CHECK(total > list.size());
}
