#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

constexpr const char* kMultipart =
    "From: Ann <ann@example.org>\r\n"
    "Subject: parts\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "first\r\n"
    "--b\r\n"
    "Content-Type: text/html\r\n"
    "\r\n"
    "<p>\r\n"
    "--b--\r\n";

WorldOptions multipart() {
  return {.prepare = [](const Account& account) { account.deliver(kMultipart).value(); }};
}

}  // namespace

TEST_CASE("FETCH of rows") {
  check_selected(R"(
    C: a FETCH 1 (UID RFC822.SIZE)
    S: * 1 FETCH (UID 1 RFC822.SIZE 23)
    S~ a OK *
    C: b UID FETCH 2:* FLAGS
    S: * 2 FETCH (UID 2 FLAGS (\Recent))
    S: * 3 FETCH (UID 3 FLAGS (\Recent))
    S~ b OK *
    C: c FETCH *:2 UID
    S: * 2 FETCH (UID 2)
    S: * 3 FETCH (UID 3)
    S~ c OK *
    C: d UID FETCH 77 FLAGS
    S: d OK Fetch completed
    C: e FETCH 1 ENVELOPE
    S: * 1 FETCH (ENVELOPE (NIL "1" NIL NIL NIL NIL NIL NIL NIL NIL))
    S~ e OK *
    C: f FETCH 1 FAST
    S~ * 1 FETCH (FLAGS (\Recent) INTERNALDATE "*" RFC822.SIZE 23)
    S~ f OK *
    C: g UID FETCH 9:* UID
    S: * 3 FETCH (UID 3)
    S~ g OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("FETCH of an empty mailbox") {
  check_selected(R"(
    C: a FETCH 1:* FLAGS
    S~ a BAD *
    C: b UID FETCH 1:* FLAGS
    S: b OK Fetch completed
    C: c SEARCH 1:* UNSEEN
    S: * SEARCH
    S~ c OK *
  )");
}

TEST_CASE("sections") {
  check_selected(R"(
    C: a FETCH 1 (BODY.PEEK[1] BODY.PEEK[2.MIME] BODY.PEEK[HEADER.FIELDS (subject x-none)] BODY.PEEK[7])
    S: * 1 FETCH (BODY[1] {5}
    S: first BODY[2.MIME] {27}
    S: Content-Type: text/html
    S:
    S:  BODY[HEADER.FIELDS (subject x-none)] {18}
    S: Subject: parts
    S:
    S:  BODY[7] {0}
    S: )
    S~ a OK *
    C: b FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (Content-Type From)]<2.7>
    S~ * 1 FETCH (BODY[HEADER.FIELDS.NOT (*)]<2> {7}
    S: bject: )
    S~ b OK *
    C: c FETCH 1 (BODY.PEEK[TEXT]<2.4> BODY.PEEK[]<100000.5> BODY.PEEK[2]<1.99>)
    S: * 1 FETCH (BODY[TEXT]<2> {4}
    S: b\r\nC BODY[]<100000> {0}
    S:  BODY[2]<1> {2}
    S: p>)
    S~ c OK *
    C: d FETCH 1 (FLAGS RFC822.HEADER)
    S~ * 1 FETCH (FLAGS (\Recent) RFC822.HEADER {*}
    S: From: Ann <ann@example.org>
    S: Subject: parts
    S: Content-Type: multipart/mixed; boundary=b
    S:
    S: )
    S~ d OK *
  )",
                 multipart());
}

TEST_CASE("reading a body sets \\Seen, once and with FLAGS") {
  check_selected(R"(
    C: a FETCH 1 BODY[TEXT]
    S: * 1 FETCH (FLAGS (\Seen \Recent) BODY[TEXT] {9}
    S: Hello 1
    S: )
    S~ a OK *
    C: b FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {9}
    S: Hello 1
    S: )
    S~ b OK *
    C: c UID FETCH 1:2 (FLAGS RFC822.TEXT)
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent) RFC822.TEXT {9}
    S: Hello 1
    S: )
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) RFC822.TEXT {9}
    S: Hello 2
    S: )
    S~ c OK *
    C: d NOOP
    S: d OK Done
    C: e SEARCH UNSEEN
    S: * SEARCH 3
    S~ e OK *
    C: f FETCH 3 (BODY.PEEK[TEXT] RFC822.HEADER)
    S~ ...
    S~ f OK *
    C: g FETCH 3 FLAGS
    S: * 3 FETCH (FLAGS (\Recent))
    S~ g OK *
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("chunks of BODY[]<o.n> are exact until the end, as Thunderbird and iOS need them") {
  WorldOptions options;
  std::string mail = "Subject: chunks\r\n\r\n";
  for (int i = 0; mail.size() < 300'000; ++i) mail += "line " + std::to_string(i) + "\r\n";
  options.prepare = [&mail](const Account& account) { account.deliver(mail).value(); };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  std::string whole;
  for (std::size_t at = 0; whole.size() < mail.size(); at += 65'536) {
    const std::size_t size = std::min<std::size_t>(65'536, mail.size() - at);
    const std::string head = "* 1 FETCH (BODY[]<" + std::to_string(at) + "> {" + std::to_string(size) + "}\r\n";
    const std::string output = client.send("a FETCH 1 BODY.PEEK[]<" + std::to_string(at) + ".65536>\r\n");
    REQUIRE(output.substr(0, head.size()) == head);
    whole += output.substr(head.size(), size);
    REQUIRE(output.substr(head.size() + size) == ")\r\na OK Fetch completed\r\n");
  }
  CHECK(whole == mail);
}

TEST_CASE("a literal is completed even if the message is expunged within it") {
  WorldOptions options;
  const std::string mail = "Subject: gone\r\n\r\n" + std::string(500'000, 'x') + "\r\n";
  options.prepare = [&mail](const Account& account) {
    account.deliver(mail).value();
    account.deliver(message("next")).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.offer("a FETCH 1:2 BODY.PEEK[]\r\n");
  std::string output = client.step(1);
  CHECK(output.size() < 20'000);
  inbox(store.account("alice").value()).remove(UidSet::of(1, 2)).value();
  output += client.send("", 1);
  const std::string head = "* 1 FETCH (BODY[] {" + std::to_string(mail.size()) + "}\r\n";
  REQUIRE(output.size() > head.size() + mail.size());
  CHECK(output.compare(head.size(), mail.size(), mail) == 0);
  CHECK(output.substr(head.size() + mail.size()) == ")\r\na OK [EXPUNGEISSUED] Fetch completed\r\n");
  CHECK(client.send("b NOOP\r\n") == "* 2 EXPUNGE\r\n* 1 EXPUNGE\r\nb OK Done\r\n");
}

TEST_CASE("a FETCH of many messages stops near the soft limit and goes on") {
  WorldOptions options;
  options.prepare = with_messages(500);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  for (const char* items : {"(UID FLAGS)", "(UID BODY.PEEK[HEADER])"}) {
    const std::string command = "a FETCH 1:500 " + std::string(items) + "\r\n";
    client.offer(command);
    std::string output;
    for (;;) {
      const std::string piece = client.step(1000);
      CHECK(piece.size() < 6000);
      output += piece;
      if (client.session().want() != protocol::Want::write) break;
    }
    CHECK(output == client.send(command));
    CHECK(output.find("* 500 FETCH (UID 500") != std::string::npos);
  }
}

TEST_CASE("a shutdown within a literal closes without a word") {
  WorldOptions options;
  options.prepare = [](const Account& account) { account.deliver(std::string(100'000, 'x')).value(); };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.offer("a FETCH 1 BODY.PEEK[]\r\n");
  client.step(1);
  client.session().on_shutdown();
  CHECK(client.session().want() == protocol::Want::close);
  CHECK(client.step(1000).empty());
}
