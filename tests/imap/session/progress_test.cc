// INPROGRESS (RFC 9585).
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// More than a search looks at in one step.
constexpr std::uint32_t kMessages = 65'000;

void many_messages(const Account& account) {
  account.deliver(message("1")).value();
  const Mailbox mailbox = inbox(account);
  for (std::uint32_t have = 1; have < kMessages; have = mailbox.status().value().messages) {
    mailbox.copy(UidSet::of(1, std::min(have, kMessages - have)), mailbox).value();
  }
}

// What the session says to a command if each of its steps takes so long.
std::string answer(Client& client, std::string_view command, std::chrono::seconds step) {
  protocol::Clock::time_point now = protocol::Clock::now();
  client.session().set_now(now);
  client.offer(command);
  std::string out;
  while (client.session().want() == protocol::Want::write) {
    client.session().set_now(now);
    std::string piece;
    client.session().produce(piece, 64 * 1024);
    out += piece;
    now += step;
  }
  return out;
}

}  // namespace

TEST_CASE("a search that takes long tells how far it is") {
  WorldOptions options;
  options.prepare = many_messages;
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  CHECK(answer(client, "a142 SEARCH FLAGGED\r\n", std::chrono::seconds(11)) ==
        "* OK [INPROGRESS (\"a142\" 40000 65000)] Still working\r\n"
        "* OK [INPROGRESS (\"a142\" 60000 65000)] Still working\r\n"
        "* SEARCH\r\n"
        "a142 OK Search completed\r\n");
  // Not more often than every ten seconds.
  CHECK(answer(client, "b SEARCH FLAGGED\r\n", std::chrono::seconds(6)) ==
        "* OK [INPROGRESS (\"b\" 60000 65000)] Still working\r\n"
        "* SEARCH\r\n"
        "b OK Search completed\r\n");
  CHECK(answer(client, "c SEARCH FLAGGED\r\n", std::chrono::seconds(1)) == "* SEARCH\r\nc OK Search completed\r\n");
  // Never within a response.
  const std::string all = answer(client, "d SEARCH ALL\r\n", std::chrono::seconds(11));
  CHECK(all.find(" 65000\r\nd OK Search completed\r\n") != std::string::npos);
  CHECK(all.find("\r\n", all.find("* SEARCH ")) == all.find("\r\nd OK"));

  WorldOptions without;
  without.session.capabilities.off = {"INPROGRESS"};
  Client other(store, without);
  other.log_in_and_select();
  CHECK(answer(other, "e SEARCH FLAGGED\r\n", std::chrono::seconds(11)) == "* SEARCH\r\ne OK Search completed\r\n");
}

TEST_CASE("SORT and THREAD tell how far they are") {
  WorldOptions options;
  options.prepare = many_messages;
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  // A search finds at most 20,000 in a step; 5,000 of them are gathered in each of the next ones.
  const std::string sorted = answer(client, "a SORT (SUBJECT) UTF-8 ALL\r\n", std::chrono::seconds(11));
  CHECK(
      sorted.starts_with("* OK [INPROGRESS (\"a\" 5000 65000)] Still working\r\n"
                         "* OK [INPROGRESS (\"a\" 10000 65000)] Still working\r\n"
                         "* OK [INPROGRESS (\"a\" 15000 65000)] Still working\r\n"
                         "* OK [INPROGRESS (\"a\" 20000 65000)] Still working\r\n"));
  CHECK(sorted.find("* OK [INPROGRESS (\"a\" 60000 65000)] Still working\r\n* SORT 1 2 3 ") != std::string::npos);
  CHECK(sorted.ends_with(" 65000\r\na OK Sort completed\r\n"));
  // Where nothing is found the search alone takes its time.
  CHECK(answer(client, "b SORT (SUBJECT) UTF-8 FLAGGED\r\n", std::chrono::seconds(11)) ==
        "* OK [INPROGRESS (\"b\" 40000 65000)] Still working\r\n"
        "* OK [INPROGRESS (\"b\" 60000 65000)] Still working\r\n"
        "* SORT\r\n"
        "b OK Sort completed\r\n");
  CHECK(answer(client, "c THREAD REFERENCES UTF-8 FLAGGED\r\n", std::chrono::seconds(11)) ==
        "* OK [INPROGRESS (\"c\" 40000 65000)] Still working\r\n"
        "* OK [INPROGRESS (\"c\" 60000 65000)] Still working\r\n"
        "* THREAD\r\n"
        "c OK Thread completed\r\n");
  const std::string threads = answer(client, "d THREAD ORDEREDSUBJECT UTF-8 ALL\r\n", std::chrono::seconds(11));
  CHECK(threads.find("* OK [INPROGRESS (\"d\" 60000 65000)] Still working\r\n* THREAD (1") != std::string::npos);
  // Nothing within a response.
  CHECK(threads.find("INPROGRESS", threads.find("* THREAD")) == std::string::npos);
}
