// BINARY (RFC 3516, RFC 9051 §6.4.5): fetching. The octets are checked against a whole decoding of the part.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/base64.h"
#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

WorldOptions with(std::string mail) {
  return {.prepare = [mail](const Account& account) { account.deliver(mail).value(); }};
}

const std::string kMail =
    "Subject: parts\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "Gr=C3=BC=C3=9Fe  =\r\n"
    "Ann \r\n"
    "--b\r\n"
    "Content-Type: image/png\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "iVBORwAA\r\nSUhE\r\nUg==\r\n"
    "--b\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "as it is\r\n"
    "--b\r\n"
    "Content-Type: message/rfc822\r\n"
    "\r\n"
    "Subject: in\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "aGk=\r\n"
    "--b\r\n"
    "Content-Transfer-Encoding: x-secret\r\n"
    "\r\n"
    "???\r\n"
    "--b--\r\n";

// 1 MiB and a bit with every octet, in lines as mail programs write them.
std::string octets_of_attachment() {
  std::string octets;
  std::uint32_t state = 1;
  while (octets.size() < 1'100'000) octets += static_cast<char>((state = state * 1664525 + 1013904223) >> 24U);
  return octets;
}

std::string attachment_mail(const std::string& octets) {
  std::string mail =
      "Subject: big\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const std::string text = base::base64_encode(octets);
  for (std::size_t at = 0; at < text.size(); at += 76) mail += text.substr(at, 76) + "\r\n";
  return mail;
}

// The literal of an answer that holds nothing else, and what was sent before and behind it.
struct Literal {
  std::string head, octets, tail;
};

Literal literal_of(const std::string& output) {
  const std::size_t brace = output.find('{');
  const std::size_t end = output.find("}\r\n", brace);
  REQUIRE(end != std::string::npos);
  const std::size_t size = std::stoul(output.substr(brace + 1, end - brace - 1));
  REQUIRE(output.size() >= end + 3 + size);
  return {output.substr(0, brace), output.substr(end + 3, size), output.substr(end + 3 + size)};
}

}  // namespace

TEST_CASE("BINARY: parts are decoded, and a literal8 only stands for NULs") {
  check_selected(R"(
    C: a FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1])
    S: * 1 FETCH (BINARY.SIZE[1] 12 BINARY[1] {12}
    S: Gr\xC3\xBC\xC3\x9Fe  Ann)
    S: a OK Fetch completed
    C: b FETCH 1 (BINARY.SIZE[2] BINARY.PEEK[2])
    S: * 1 FETCH (BINARY.SIZE[2] 10 BINARY[2] ~{10}
    S: \x89PNG\0\0IHDR)
    S: b OK Fetch completed
    C: c FETCH 1 (BINARY.PEEK[3] BINARY.SIZE[3])
    S: * 1 FETCH (BINARY[3] {8}
    S: as it is BINARY.SIZE[3] 8)
    S: c OK Fetch completed
    C: d FETCH 1 BINARY.PEEK[2]<4.3>
    S: * 1 FETCH (BINARY[2]<4> ~{3}
    S: \0\0I)
    S: d OK Fetch completed
    C: e FETCH 1 BINARY.PEEK[2]<6.100>
    S: * 1 FETCH (BINARY[2]<6> {4}
    S: IHDR)
    S: e OK Fetch completed
    C: f FETCH 1 (BINARY.PEEK[2]<10.1> BINARY.PEEK[1]<9223372036854775807.9223372036854775807> BINARY.PEEK[3]<7.9>)
    S: * 1 FETCH (BINARY[2]<10> {0}
    S:  BINARY[1]<9223372036854775807> {0}
    S:  BINARY[3]<7> {1}
    S: s)
    S: f OK Fetch completed
  )",
                 with(kMail));
}

TEST_CASE("BINARY: what has no encoding of its own comes as it is stored") {
  check_selected(R"(
    C: a FETCH 1 (BINARY.PEEK[4] BINARY.SIZE[4])
    S: * 1 FETCH (BINARY[4] {54}
    S: Subject: in
    S: Content-Transfer-Encoding: base64
    S:
    S: aGk= BINARY.SIZE[4] 54)
    S: a OK Fetch completed
    C: b FETCH 1 (BINARY.PEEK[4.1] BINARY.SIZE[4.1])
    S: * 1 FETCH (BINARY[4.1] {2}
    S: hi BINARY.SIZE[4.1] 2)
    S: b OK Fetch completed
    C: c FETCH 1 (BINARY.PEEK[]<9.5> BINARY.PEEK[9] BINARY.SIZE[9] BINARY.SIZE[4.2])
    S: * 1 FETCH (BINARY[]<9> {5}
    S: parts BINARY[9] {0}
    S:  BINARY.SIZE[9] 0 BINARY.SIZE[4.2] 0)
    S: c OK Fetch completed
    C: d FETCH 1 (RFC822.SIZE BINARY.SIZE[])
    S: * 1 FETCH (RFC822.SIZE 461 BINARY.SIZE[] 461)
    S: d OK Fetch completed
  )",
                 with(kMail));
}

TEST_CASE("BINARY sets \\Seen as BODY does, BINARY.PEEK and BINARY.SIZE do not") {
  check_selected(R"(
    C: a FETCH 1 (BINARY.PEEK[3]<0.2> BINARY.SIZE[1])
    S: * 1 FETCH (BINARY[3]<0> {2}
    S: as BINARY.SIZE[1] 12)
    S: a OK Fetch completed
    C: b FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS (\Recent))
    S: b OK Fetch completed
    C: c UID FETCH 1 BINARY[3]<0.2>
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent) BINARY[3]<0> {2}
    S: as)
    S: c OK Fetch completed
  )",
                 with(kMail));
}

TEST_CASE("BINARY of an unknown encoding fails the command, and nothing else") {
  const auto prepare = [](const Account& account) {
    account.deliver(kMail).value();
    account.deliver("Subject: x\r\n\r\nplain").value();
  };
  check_selected(R"(
    C: a FETCH 1:2 (UID BINARY[5] BINARY.SIZE[1])
    S: * 1 FETCH (UID 1 BINARY.SIZE[1] 12)
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) BINARY[5] {0}
    S:  BINARY.SIZE[1] 5)
    S~ a NO [UNKNOWN-CTE] *
    C: b FETCH 1 BINARY[5]
    S~ b NO [UNKNOWN-CTE] *
    C: c FETCH 1 BINARY.SIZE[5]
    S~ c NO [UNKNOWN-CTE] *
    C: d FETCH 1 (FLAGS BODY.PEEK[5])
    S: * 1 FETCH (FLAGS (\Recent) BODY[5] {3}
    S: ???)
    S: d OK Fetch completed
  )",
                 {.prepare = prepare});
}

TEST_CASE("BINARY: broken base64 and quoted-printable have one size") {
  std::vector<std::string> mails;
  for (const char* body : {"QUJ\r\nD!REV=QUJD", "=QUJD", "", "Q", "QQ", "QUJDR", "\x80\x81", "====", "a\r\n\r\n"}) {
    for (const char* encoding : {"base64", "quoted-printable", "BASE64 (comment)", "7bit", "binary"}) {
      mails.push_back("Content-Transfer-Encoding: " + std::string(encoding) + "\r\n\r\n" + std::string(body));
    }
  }
  WorldOptions options;
  options.prepare = [&mails](const Account& account) {
    for (const std::string& mail : mails) account.deliver(mail).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  for (std::size_t i = 0; i < mails.size(); ++i) {
    CAPTURE(mails[i]);
    const std::string number = std::to_string(i + 1);
    const Literal whole = literal_of(client.send("a FETCH " + number + " BINARY.PEEK[1]\r\n"));
    CHECK(whole.tail == ")\r\na OK Fetch completed\r\n");
    CHECK(client.send("b FETCH " + number + " BINARY.SIZE[1]\r\n") == "* " + number + " FETCH (BINARY.SIZE[1] " +
                                                                          std::to_string(whole.octets.size()) +
                                                                          ")\r\nb OK Fetch completed\r\n");
  }
  CHECK(literal_of(client.send("a FETCH 1 BINARY.PEEK[1]\r\n")).octets == "ABCDE");
}

TEST_CASE("BINARY of a large attachment: whole, and in chunks in any order") {
  const std::string octets = octets_of_attachment();
  const WorldOptions options = with(attachment_mail(octets));
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  CHECK(client.send("a FETCH 1 BINARY.SIZE[1]\r\n") ==
        "* 1 FETCH (BINARY.SIZE[1] " + std::to_string(octets.size()) + ")\r\na OK Fetch completed\r\n");
  Literal whole = literal_of(client.send("a FETCH 1 BINARY.PEEK[1]\r\n", 5000));
  CHECK(whole.head == "* 1 FETCH (BINARY[1] ~");
  CHECK((whole.octets == octets));
  CHECK(whole.tail == ")\r\na OK Fetch completed\r\n");

  const auto chunk = [&](std::size_t at, std::size_t size) {
    return literal_of(
               client.send("a FETCH 1 BINARY.PEEK[1]<" + std::to_string(at) + "." + std::to_string(size) + ">\r\n"))
        .octets;
  };
  std::string joined;
  for (std::size_t at = 0; at < octets.size(); at += 100'001) joined += chunk(at, 100'001);
  CHECK((joined == octets));
  std::uint32_t state = 7;
  for (int i = 0; i < 60; ++i) {
    state = state * 1664525 + 1013904223;
    const std::size_t at = (state >> 8U) % (octets.size() + 100);
    const std::size_t size = 1 + (state >> 4U) % 70'000;
    CAPTURE(at, size);
    REQUIRE((chunk(at, size) == (at < octets.size() ? octets.substr(at, size) : "")));
  }
}

TEST_CASE("BINARY: memory stays small, and other connections get their turn") {
  const std::string octets = octets_of_attachment();
  const WorldOptions options = with(attachment_mail(octets + octets + octets));
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.offer("a FETCH 1 (UID BINARY.PEEK[1])\r\n");
  // The size is found in steps, before a literal is announced.
  CHECK(client.step(64 * 1024) == "* 1 FETCH (UID 1");
  std::string output;
  int turns = 0;
  for (; client.session().want() == protocol::Want::write; ++turns) {
    const std::string piece = client.step(64 * 1024);
    CHECK(piece.size() <= 128 * 1024);
    output += piece;
  }
  CHECK(turns > 30);
  CHECK((literal_of(output).octets == octets + octets + octets));
}

TEST_CASE("BINARY: a literal is completed even if the message is expunged within it") {
  const std::string octets = octets_of_attachment();
  const WorldOptions options = with(attachment_mail(octets));
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.offer("a FETCH 1 BINARY.PEEK[1]\r\n");
  std::string output = client.step(1);
  inbox(store.account("alice").value()).remove(UidSet::of(1, 1)).value();
  output += client.send("", 1);
  CHECK((literal_of(output).octets == octets));
}

TEST_CASE("BINARY: syntax, and a host that does not offer it") {
  constexpr const char* kRefused = R"(
    C: a FETCH 1 BINARY[1]
    S~ a BAD *
    C: b FETCH 1 (UID BINARY.SIZE[1])
    S~ b BAD *
    C: c FETCH 1 BODY.PEEK[TEXT]<0.1>
    S: * 1 FETCH (BODY[TEXT]<0> {1}
    S: H)
    S: c OK Fetch completed
  )";
  WorldOptions options{.prepare = with_messages(1)};
  // IMAP4rev2 has the fetching of BINARY in itself (RFC 9051 App. B).
  options.session.capabilities.off = {"BINARY", "IMAP4rev2"};
  check_selected(kRefused, options);
  check_selected(R"(
    C: a FETCH 1 BINARY[TEXT]
    S~ a BAD *
    C: b FETCH 1 BINARY[1.MIME]
    S~ b BAD *
    C: c FETCH 1 BINARY.SIZE[1]<0.5>
    S~ c BAD *
    C: d FETCH 1 BINARY[1]<0.0>
    S~ d BAD *
    C: e FETCH 1 BINARY
    S~ e BAD *
    C: f FETCH 1 BINARY[1.]
    S~ f BAD *
    C: g FETCH 1 BINARY[HEADER.FIELDS (A)]
    S~ g BAD *
    C: h CAPABILITY
    S~ * CAPABILITY * BINARY *
    S~ h OK *
  )",
                 {.prepare = with_messages(1)});
}
