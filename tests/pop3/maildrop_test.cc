#include <algorithm>

#include "pop3/fixture.h"

using namespace postfach;
using namespace postfach::test;

namespace {

// The message in a reply to RETR, without dot-stuffing (RFC 1939 §3), and the size that its first line gives.
struct Retrieved {
  std::uint64_t announced = 0;
  std::string message;
};
Retrieved retrieved(std::string_view reply) {
  Retrieved result;
  REQUIRE(reply.starts_with("+OK "));
  result.announced = std::stoull(std::string(reply.substr(4)));
  reply.remove_prefix(reply.find("\r\n") + 2);
  while (true) {
    const std::size_t end = reply.find("\r\n");
    if (end == std::string_view::npos) FAIL("the reply does not end");
    std::string_view line = reply.substr(0, end + 2);
    reply.remove_prefix(line.size());
    if (line == ".\r\n") break;
    if (line.front() == '.') line.remove_prefix(1);
    result.message += line;
  }
  CHECK(reply.empty());
  return result;
}

std::unique_ptr<protocol::Session> logged_in_session(const World& world) {
  auto session = world.session();
  REQUIRE(talk(*session, "USER mrose\r\nPASS secret\r\n").find("+OK Maildrop") != std::string::npos);
  return session;
}

}  // namespace

TEST_CASE("odd messages come back octet by octet, and every size is right") {
  const std::string header = "Subject: x\r\n\r\n";
  const auto body =
      GENERATE_COPY(as<std::string>(), "", ".", ".\r\n", "..\r\n.\r\n...\r\n", "a\r\n.\r\nb\r\n", "no end", "bare LF\n",
                    "bare LF\n.b\n", "empty lines\r\n\r\n\r\n\r\n", "\r", "cr\r\r\n", std::string("nul\0\0.\r\n", 8),
                    "8 bit \xFF\xFE\x80\r\n", "+OK\r\n-ERR\r\n");
  World world{.messages = {header + body}};
  const std::string stored = world.messages[0];
  const std::string expected = stored.ends_with("\r\n") ? stored : stored + "\r\n";
  const std::string size = std::to_string(expected.size());
  world.begin();
  for (const std::size_t soft_limit : {std::size_t{1}, std::size_t{1000}, std::size_t{65536}}) {
    const auto session = logged_in_session(world);
    const Retrieved message = retrieved(talk(*session, "RETR 1\r\n", soft_limit));
    CHECK(message.message == expected);
    CHECK(message.announced == expected.size());
    CHECK(talk(*session, "STAT\r\n") == "+OK 1 " + size + "\r\n");
    CHECK(talk(*session, "LIST 1\r\n") == "+OK 1 " + size + "\r\n");
    CHECK(talk(*session, "TOP 1 1000000\r\n") ==
          "+OK Top of message follows\r\n" + talk(*session, "RETR 1\r\n").substr(13 + size.size()));
  }
}

TEST_CASE("a dot alone behind a bare LF can't end a reply early") {
  World world{.messages = {"Subject: x\n\nbefore\n.\nQUIT\n.\r\nbehind\n"}};
  world.begin();
  const auto session = logged_in_session(world);
  CHECK(talk(*session, "RETR 1\r\n") == "+OK 38 octets\r\nSubject: x\n\nbefore\n..\nQUIT\n..\r\nbehind\n\r\n.\r\n");
}

TEST_CASE("TOP") {
  World{.messages = {"Subject: x\r\nTo: y\r\n\r\n1\r\n.2\r\n\r\n4"}}.check_logged_in(R"(
    C: TOP 1 0
    S: +OK Top of message follows
    S: Subject: x
    S: To: y
    S:
    S: .
    C: TOP 1 2
    S: +OK Top of message follows
    S: Subject: x
    S: To: y
    S:
    S: 1
    S: ..2
    S: .
    C: TOP 1 99999999999999999999
    S: +OK Top of message follows
    S: Subject: x
    S: To: y
    S:
    S: 1
    S: ..2
    S:
    S: 4
    S: .
    C: TOP 1
    S: -ERR Number of lines expected
    C: TOP 1 -1
    S: -ERR Number of lines expected
  )");
}

TEST_CASE("TOP of a header that is longer than the first read") {
  std::string header;
  while (header.size() < 50'000) header += "X-Long: " + std::string(60, 'h') + "\r\n";
  header += "\r\n";
  World world{.messages = {header + "1\r\n2\r\n"}};
  world.begin();
  const auto session = logged_in_session(world);
  CHECK(talk(*session, "TOP 1 0\r\n") == "+OK Top of message follows\r\n" + header + ".\r\n");
  CHECK(talk(*session, "TOP 1 1\r\n") == "+OK Top of message follows\r\n" + header + "1\r\n.\r\n");
}

TEST_CASE("UIDL gives what the store keeps") {
  World world;
  world.begin();
  for (const std::string uidl : {"whqtswO00WBw418f9t5JxYwZ", "QhdPYR:00WBw1Ph7x7"}) {
    Spool spool = world.account->spool().value();
    spool.write(message_of(100)).value();
    world.inbox().append({.content = std::move(spool), .uidl = uidl}).value();
  }
  const std::string list =
      "+OK Unique-id listing follows\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n2 QhdPYR:00WBw1Ph7x7\r\n.\r\n";
  auto session = logged_in_session(world);
  CHECK(talk(*session, "UIDL\r\n") == list);
  CHECK(talk(*session, "UIDL 2\r\n") == "+OK 2 QhdPYR:00WBw1Ph7x7\r\n");
  CHECK(talk(*session, "UIDL 3\r\n") == "-ERR No such message, maildrop has 2 messages\r\n");
  CHECK(talk(*session, "DELE 1\r\nUIDL\r\n").ends_with("follows\r\n2 QhdPYR:00WBw1Ph7x7\r\n.\r\n"));
  session.reset();
  CHECK(talk(*logged_in_session(world), "UIDL\r\n") == list);
}

TEST_CASE("new UIDLs are different and of the allowed form") {
  World world{.messages = std::vector<std::string>(50, message_of(30))};
  world.begin();
  const auto session = logged_in_session(world);
  std::vector<std::string> seen;
  for (int number = 1; number <= 50; ++number) {
    const std::string prefix = "+OK " + std::to_string(number) + " ";
    const std::string reply = talk(*session, "UIDL " + std::to_string(number) + "\r\n");
    REQUIRE(reply.starts_with(prefix));
    const std::string uidl = reply.substr(prefix.size(), reply.size() - prefix.size() - 2);
    CHECK((!uidl.empty() && uidl.size() <= 70));
    CHECK(std::ranges::all_of(uidl, [](char c) { return c > 0x20 && c < 0x7F; }));
    seen.push_back(uidl);
  }
  std::ranges::sort(seen);
  CHECK(std::ranges::adjacent_find(seen) == seen.end());
}

TEST_CASE("what other sessions do meanwhile") {
  World{.messages = {message_of(120), message_of(200), message_of(300)}}.check_logged_in(R"(
    ! expunge 2
    ! deliver new
    C: STAT
    S: +OK 3 620
    C: LIST
    S: +OK 3 messages (620 octets)
    S: 1 120
    S: 2 200
    S: 3 300
    S: .
    C: RETR 2
    S: -ERR Message 2 was removed by another session
    C: TOP 2 0
    S: -ERR Message 2 was removed by another session
    C: UIDL 2
    S: -ERR Message 2 was removed by another session
    C: UIDL
    S: +OK Unique-id listing follows
    S~ 1 *
    S~ 3 *
    S: .
    C: RETR 4
    S: -ERR No such message, maildrop has 3 messages
    C: DELE 2
    S: +OK Message 2 deleted
    C: DELE 3
    S: +OK Message 3 deleted
    C: QUIT
    S: +OK Bye, messages removed: 1
    # the first and the new one
    ! left 2
  )");
}

TEST_CASE("a message that is expunged while it is sent arrives whole") {
  const std::string large = message_of(300'000);
  World world{.messages = {large}};
  world.begin();
  const auto session = logged_in_session(world);
  std::string out;
  REQUIRE(session->receive("RETR 1\r\n") == 8);
  session->produce(out, 4096);
  REQUIRE(session->want() == protocol::Want::write);
  world.inbox().remove(UidSet::all()).value();
  out += talk(*session, "");
  CHECK(retrieved(out).message == large);
}

TEST_CASE("a large message goes out in pieces near the soft limit") {
  std::string large = "Subject: x\r\n\r\n";
  while (large.size() < 3'000'000) large += ".line\r\n";
  World world{.messages = {large}};
  world.begin();
  const auto session = logged_in_session(world);
  const std::size_t soft_limit = GENERATE(1U, 5000U, 65536U);
  REQUIRE(session->receive("RETR 1\r\nNOOP\r\n") == 8);
  std::string all;
  std::size_t largest = 0;
  while (session->want() == protocol::Want::write) {
    std::string out;
    session->produce(out, soft_limit);
    largest = std::max(largest, out.size());
    const std::size_t expected = session->want() == protocol::Want::read ? 6 : 0;
    CHECK(session->receive("NOOP\r\n") == expected);
    all += out;
    if (all.ends_with("\r\n.\r\n")) break;
  }
  CHECK(largest < 2 * soft_limit + 2048);
  CHECK(retrieved(all).message == large);
}

TEST_CASE("a shutdown in the middle of a message ends it without its last line") {
  World world{.messages = {message_of(300'000)}};
  world.begin();
  const auto session = logged_in_session(world);
  std::string out;
  REQUIRE(session->receive("RETR 1\r\n") == 8);
  session->produce(out, 4096);
  session->on_shutdown();
  CHECK(talk(*session, "").empty());
  CHECK(session->want() == protocol::Want::close);
  CHECK_FALSE(out.ends_with(".\r\n"));
}

TEST_CASE("long listings come in pieces and whole") {
  World world;
  world.begin();
  std::string list = "+OK 500 messages (15000 octets)\r\n";
  for (int number = 1; number <= 500; ++number) {
    world.account->deliver(message_of(30)).value();
    list += std::to_string(number) + " 30\r\n";
  }
  const auto session = logged_in_session(world);
  const std::size_t soft_limit = GENERATE(1U, 100U, 65536U);
  CHECK(talk(*session, "LIST\r\n", soft_limit) == list + ".\r\n");
  const std::string uidls = talk(*session, "UIDL\r\n", soft_limit);
  CHECK(std::ranges::count(uidls, '\n') == 502);
  CHECK(uidls.find("\r\n500 ") != std::string::npos);
}
