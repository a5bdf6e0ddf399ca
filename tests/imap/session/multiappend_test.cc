// MULTIAPPEND (RFC 3502).
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

std::size_t files_below(const std::string& path) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    count += entry.path().parent_path().filename() == "large" ? 1 : 0;
  }
  return count;
}

void check_nothing_stored(const Store& store) {
  const Account alice = store.account("alice").value();
  CHECK(inbox(alice).status().value().messages == 0);
  CHECK(inbox(alice).status().value().uid_next == 1);
  CHECK(alice.usage().value().bytes == 0);
  CHECK(files_below(store.options().path) == 0);
  CHECK(alice.check().value().problems.empty());
}

std::string literal(const std::string& octets) { return "{" + std::to_string(octets.size()) + "+}\r\n" + octets; }

const std::string kLarge = "Subject: large\r\n\r\n" + std::string(100'000, 'x') + "\r\n";

}  // namespace

TEST_CASE("MULTIAPPEND: the example of RFC 3502") {
  WorldOptions options;
  options.prepare = [](const Account& account) { account.create_mailbox("saved-messages").value(); };
  check_logged_in(R"(
    C: A003 APPEND saved-messages (\Seen) {n}
    S: + OK
    L: Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)
    L: From: Fred Foobar <foobar@Blurdybloop.example.COM>
    L: Subject: afternoon meeting
    L: To: mooch@owatagu.example.net
    L: Message-Id: <B27397-0100000@Blurdybloop.example.COM>
    L: MIME-Version: 1.0
    L: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
    L:
    L: Hello Joe, do you think we can meet at 3:30 tomorrow?
    C:  (\Seen) " 7-Feb-1994 22:43:04 -0800" {n}
    S: + OK
    L: Date: Mon, 7 Feb 1994 22:43:04 -0800 (PST)
    L: From: Joe Mooch <mooch@OWaTaGu.example.net>
    L: Subject: Re: afternoon meeting
    L: To: foobar@blurdybloop.example.com
    L: Message-Id: <a0434793874930@OWaTaGu.example.net>
    L: MIME-Version: 1.0
    L: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
    L:
    L: 3:30 is fine with me.
    C:
    S~ A003 OK [APPENDUID * 1:2] Append completed
    C: A004 APPEND bogusname (\Flagged) {1023}
    S~ A004 NO [TRYCREATE] *
    C: A005 SELECT saved-messages
    S~ ...
    S~ A005 OK *
    C: A006 FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[TEXT])
    S~ * 1 FETCH (FLAGS (\Seen \Recent) INTERNALDATE "*" BODY[TEXT] {55}
    S: Hello Joe, do you think we can meet at 3:30 tomorrow?
    S: )
    S: * 2 FETCH (FLAGS (\Seen \Recent) INTERNALDATE " 7-Feb-1994 22:43:04 -0800" BODY[TEXT] {23}
    S: 3:30 is fine with me.
    S: )
    S~ A006 OK *
  )",
                  options);
}

TEST_CASE("MULTIAPPEND: over quota with the second message, told before it is sent") {
  WorldOptions options;
  options.prepare = [](const Account& account) { account.set_quota({.bytes = 100}).value(); };
  check_logged_in(R"(
    C: A005 APPEND INBOX (\Flagged) {n}
    S: + OK
    L: Date: Mon, 7 Feb 2000 22:43:04 -0800 (PST)
    L: Subject: hmm...\
    C:  {35403}
    S~ A005 NO [OVERQUOTA] *
    C: a STATUS INBOX (MESSAGES UIDNEXT)
    S: * STATUS INBOX (MESSAGES 0 UIDNEXT 1)
    S~ a OK *
    # Each of them fits.
    C: b APPEND INBOX {60}
    S: + OK
    C: 123456789012345678901234567890123456789012345678901234567890 {41}
    S~ b NO [OVERQUOTA] *
    C: c APPEND INBOX {60}
    S: + OK
    C: 123456789012345678901234567890123456789012345678901234567890 {40}
    S: + OK
    C: 1234567890123456789012345678901234567890
    S~ c OK [APPENDUID * 1:2] *
  )",
                  options);
}

TEST_CASE("MULTIAPPEND: without waiting, into the selected mailbox") {
  check_selected(R"(
    C: a APPEND INBOX {n+}
    L: one\
    C:  (\Deleted k1) {n+}
    L: two\
    C:  (k2) {n+}
    L: three\
    C:
    C: b FETCH 1:* FLAGS
    S: * 3 EXISTS
    S: * 3 RECENT
    S~ a OK [APPENDUID * 1:3] *
    S~ * FLAGS (* k1 k2)
    S~ * OK [PERMANENTFLAGS *
    S: * 1 FETCH (FLAGS (\Recent))
    S: * 2 FETCH (FLAGS (\Deleted \Recent k1))
    S: * 3 FETCH (FLAGS (\Recent k2))
    S~ b OK *
  )");
}

TEST_CASE("MULTIAPPEND: a failing part, and nothing is stored") {
  WorldOptions options;
  options.store.max_message_size = 150'000;
  const Store store = make_store(options);
  const auto answer = [&](const std::string& octets) {
    Client client(store, options);
    client.send("l LOGIN alice secret\r\n");
    return client.send(octets);
  };
  const std::string two = "a APPEND INBOX " + literal("small") + " (\\Seen) " + literal(kLarge);
  REQUIRE(answer(two + "\r\n").find("a OK [APPENDUID") != std::string::npos);
  const Account alice = store.account("alice").value();
  inbox(alice).remove(UidSet::all()).value();
  alice.remove_mailbox("Trash").value();
  const Uid next = inbox(alice).status().value().uid_next;

  const std::pair<std::string, std::string> cases[] = {
      {" {150001}\r\n", "a NO [TOOBIG]"},
      {" {18446744073709551616}\r\n", "a NO [TOOBIG]"},
      {" {18446744073709551616+}\r\n", "a NO [TOOBIG]"},
      {" {150001+}\r\n" + std::string(150'001, 'y') + "\r\n", "a NO [TOOBIG]"},
      {" {0}\r\n", "a NO A message"},
      {" {0+}\r\n\r\n", "a NO A message"},
      {" \"31-Feb-2000 00:00:00 +0000\" {3}\r\n", "a BAD"},
      {" (\\Bogus) {3}\r\n", "a BAD"},
      {" (\\Seen\r\n", "a BAD"},
      {" (\\Seen) nonsense\r\n", "a BAD"},
      {"garbage\r\n", "a BAD"},
      {" {-1}\r\n", "a BAD"},
      {" {1x}\r\n", "a BAD"},
      {std::string("\0", 1) + "\r\n", "a BAD"},
      {std::string(" {3+}\r\na\0b\r\n", 12), "a NO The message has a NUL"},
      {" CATENATE (URL \"/INBOX/;UID=99\")\r\n", "a NO [BADURL"},
  };
  for (const auto& [rest, expected] : cases) {
    INFO(rest.substr(0, 40));
    const std::string output = answer(two + rest);
    INFO(output);
    CHECK(output.find(expected) != std::string::npos);
    CHECK(output.find("a OK") == std::string::npos);
    CHECK(inbox(alice).status().value().messages == 0);
    CHECK(inbox(alice).status().value().uid_next == next);
    CHECK(alice.usage().value().bytes == 0);
    CHECK(files_below(store.options().path) == 0);
  }

  SECTION("the connection breaks") {
    for (const std::string& octets : {two, two + " {50000+}\r\nhalf", two + " (\\Se"}) {
      Client client(store, options);
      client.send("l LOGIN alice secret\r\n");
      client.send(octets);
      CHECK(files_below(store.options().path) == 1);  // while it lasts
      client.session().on_disconnect();
      CHECK(files_below(store.options().path) == 0);
    }
    CHECK(inbox(alice).status().value().messages == 0);
  }
  SECTION("the mailbox goes meanwhile") {
    alice.create_mailbox("Other").value();
    Client client(store, options);
    client.send("l LOGIN alice secret\r\n");
    client.send("a APPEND Other " + literal("small") + " " + literal(kLarge));
    alice.remove_mailbox("Other").value();
    CHECK(client.send("\r\n").find("a NO [TRYCREATE]") == 0);
    CHECK(files_below(store.options().path) == 0);
  }
}

TEST_CASE("MULTIAPPEND: what one command may hold") {
  WorldOptions options;
  options.store.max_message_size = 200'000;
  const Store store = make_store(options);
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  SECTION("messages") {
    std::string octets = "a APPEND INBOX";
    for (int i = 0; i < 1000; ++i) octets += " " + literal("m" + std::to_string(i));
    CHECK(client.send(octets + " {1}\r\n").find("a NO [LIMIT]") == 0);
    check_nothing_stored(store);
    CHECK(client.send(octets + "\r\n").find("a OK [APPENDUID") == 0);
    CHECK(inbox(store.account("alice").value()).status().value().messages == 1000);
  }
  SECTION("octets") {
    std::string octets = "a APPEND INBOX";
    for (int i = 0; i < 8; ++i) octets += " " + literal(kLarge);
    CHECK(client.send(octets + "\r\n").find("a NO [LIMIT]") == 0);
    check_nothing_stored(store);
  }
  SECTION("what follows a refusal is skipped") {
    std::string octets = "a APPEND INBOX {200001+}\r\n" + std::string(200'001, 'x');
    for (int i = 0; i < 3; ++i) octets += " " + literal("b LOGOUT\r\n");
    CHECK(client.send(octets + "\r\nc NOOP\r\n") == "a NO [TOOBIG] The message is too big\r\nc OK Done\r\n");
  }
}

TEST_CASE("MULTIAPPEND: switched off") {
  WorldOptions options;
  options.session.capabilities.off = {"MULTIAPPEND"};
  check_logged_in(R"(
    C: a APPEND INBOX {3}
    S: + OK
    C: abc {3}
    S: a BAD One message at a time
    C: b STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S~ b OK *
  )",
                  options);
}
