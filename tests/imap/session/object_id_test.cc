// OBJECTID (RFC 8474): EMAILID and THREADID.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

WorldOptions with_object_ids() {
  WorldOptions options;
  options.session.capabilities.on = {"OBJECTID"};
  // RFC 8474 §5.3, Example
  options.prepare = [](const Account& account) {
    account.deliver("Subject: Message A\r\nMessage-ID: <fake.1521475657.54797@example.com>\r\n\r\nA\r\n").value();
    account
        .deliver(
            "Subject: Re: Message A\r\nMessage-ID: <fake.1521475657.21213@example.org>\r\n"
            "References: <fake.1521475657.54797@example.com>\r\n\r\nB\r\n")
        .value();
    account.deliver("Subject: Message C\r\nMessage-ID: <fake.1521475657.60280@example.com>\r\n\r\nC\r\n").value();
  };
  return options;
}

// What stands in the parentheses behind each occurrence of a name.
std::vector<std::string> values(const std::string& text, const std::string& name) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(name + " ("); at != std::string::npos; at = text.find(name + " (", at + 1)) {
    const std::size_t begin = at + name.size() + 2;
    found.push_back(text.substr(begin, text.find(')', begin) - begin));
  }
  return found;
}

}  // namespace

TEST_CASE("OBJECTID: identifiers of messages and their threads, and searches for them") {
  const WorldOptions options = with_object_ids();
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  const std::string all = client.send("22 FETCH 1:* (EMAILID THREADID)\r\n");
  const auto emails = values(all, "EMAILID");
  const auto threads = values(all, "THREADID");
  REQUIRE(emails.size() == 3);
  REQUIRE(threads.size() == 3);
  CHECK(all.starts_with("* 1 FETCH (EMAILID (" + emails[0] + ") THREADID (" + threads[0] + "))\r\n"));
  CHECK(emails[0] != emails[1]);
  CHECK(threads[0] == threads[1]);
  CHECK(threads[0] != threads[2]);

  CHECK(client.send("27 SEARCH EMAILID " + emails[0] + "\r\n").starts_with("* SEARCH 1\r\n"));
  CHECK(client.send("28 SEARCH THREADID " + threads[0] + "\r\n").starts_with("* SEARCH 1 2\r\n"));
  CHECK(client.send("29 UID SEARCH OR EMAILID " + emails[1] + " EMAILID " + emails[2] + "\r\n")
            .starts_with("* SEARCH 2 3\r\n"));
  CHECK(client.send("30 SEARCH NOT THREADID " + threads[0] + "\r\n").starts_with("* SEARCH 3\r\n"));
  CHECK(client.send("31 SEARCH EMAILID " + threads[0] + "\r\n").starts_with("* SEARCH\r\n"));
  CHECK(client.send("32 SEARCH THREADID NIL\r\n").starts_with("* SEARCH\r\n"));

  client.send("33 CREATE foo\r\n34 MOVE 2 foo\r\n35 COPY 1 foo\r\n36 SELECT foo\r\n");
  const std::string moved = client.send("37 FETCH 1:* (THREADID EMAILID)\r\n");
  CHECK(values(moved, "EMAILID") == std::vector{emails[1], emails[0]});
  CHECK(values(moved, "THREADID") == std::vector{threads[1], threads[0]});
}

TEST_CASE("OBJECTID: identifiers beside octets of the message") {
  check_selected(R"(
    C: a FETCH 1:2 (EMAILID BODY.PEEK[TEXT] THREADID)
    S~ * 1 FETCH (EMAILID (M*) THREADID (T*) BODY[TEXT] {3}
    S: A
    S: )
    S~ * 2 FETCH (EMAILID (M*) THREADID (T*) BODY[TEXT] {3}
    S: B
    S: )
    S~ a OK *
    C: b UID FETCH 2 EMAILID
    S~ * 2 FETCH (UID 2 EMAILID (M*))
    S~ b OK *
  )",
                 with_object_ids());
}

TEST_CASE("OBJECTID: what is no identifier, and a server that does not offer it") {
  check_selected(R"(
    C: a SEARCH EMAILID
    S~ a BAD *
    C: b SEARCH THREADID T.1
    S~ b BAD *
    C: c SEARCH EMAILID "M1"
    S~ c BAD *
    C: d SEARCH NOT (SEEN OR EMAILID M+ ALL)
    S~ d BAD *
  )",
                 with_object_ids());
  WorldOptions without = with_object_ids();
  without.session.capabilities = {.off = {"OBJECTID"}};
  check_selected(R"(
    C: a FETCH 1 EMAILID
    S~ a BAD *
    C: b FETCH 1 (FLAGS THREADID)
    S~ b BAD *
    C: c SEARCH EMAILID M1
    S~ c BAD *
    C: d SEARCH OR SEEN THREADID T1
    S~ d BAD *
  )",
                 without);
}
