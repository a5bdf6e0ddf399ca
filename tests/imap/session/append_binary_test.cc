// APPEND of literal8 (RFC 3516 §4.4) and of UTF8 data (RFC 6855 §4).
#include <catch2/catch.hpp>
#include <string>

#include "base/base64.h"
#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

std::string stored(const Store& store, Uid uid) {
  std::string octets;
  inbox(store.account("alice").value()).open(uid).value().read(0, SIZE_MAX, octets).value();
  return octets;
}

std::string append(Client& client, const std::string& octets) {
  return client.send("a APPEND INBOX ~{" + std::to_string(octets.size()) + "+}\r\n" + octets + "\r\n");
}

}  // namespace

TEST_CASE("BINARY: a part with a NUL is kept in base64, the rest as it came") {
  check_selected(R"(
    C: a APPEND INBOX (\Seen) ~{n}
    S: + OK
    L: MIME-Version: 1.0
    L: Content-Type: multipart/mixed; boundary=b
    L: Content-Transfer-Encoding: binary
    L:
    L: --b
    L: Content-Type: text/plain; charset=utf-8
    L: Content-Transfer-Encoding: 8bit
    L:
    L: gr\xC3\xBC\xC3\x9F
    L: --b
    L: Content-Type: image/gif
    L: content-transfer-encoding: binary
    L: Content-Disposition: attachment
    L:
    L: GIF\0\r\n\xFF
    L: --b
    L: Content-Type: application/octet-stream
    L: Content-Transfer-Encoding: binary
    L:
    L: no nul \x01\xFE
    L: --b--
    C:
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ a OK [APPENDUID * 1] *
    C: b FETCH 1 (BODY.PEEK[2.MIME] BODY.PEEK[2] BODY.PEEK[3.MIME] BODY.PEEK[1] BODY.PEEK[3])
    S: * 1 FETCH (BODY[2.MIME] {95}
    S: Content-Type: image/gif
    S: Content-Transfer-Encoding: base64
    S: Content-Disposition: attachment
    S:
    S:  BODY[2] {12}
    S: R0lGAA0K/w== BODY[3.MIME] {77}
    S: Content-Type: application/octet-stream
    S: Content-Transfer-Encoding: binary
    S:
    S:  BODY[1] {6}
    S: gr\xC3\xBC\xC3\x9F BODY[3] {9}
    S: no nul \x01\xFE)
    S~ b OK *
  )");
}

TEST_CASE("BINARY: without a NUL nothing is changed") {
  const Store store = make_store({});
  Client client(store);
  client.log_in_and_select();
  std::string mail = "Content-Transfer-Encoding: binary\r\n\r\n";
  for (int i = 1; i < 256; ++i) mail += static_cast<char>(i);
  CHECK(append(client, mail).find("a OK [APPENDUID") != std::string::npos);
  CHECK(stored(store, 1) == mail);
}

TEST_CASE("BINARY: every octet comes back from base64") {
  const Store store = make_store({});
  Client client(store);
  client.log_in_and_select();
  std::string body;
  for (int i = 0; i < 300'000; ++i) body += static_cast<char>(i * 7 + i / 256);
  for (const std::size_t size : {std::size_t{1}, std::size_t{57}, std::size_t{58}, body.size()}) {
    const std::string octets = '\0' + body.substr(1, size - 1);
    for (const std::string& header :
         {std::string("Subject: x\r\n"), std::string("Content-Transfer-Encoding: BINARY\r\nSubject: x\r\n"),
          std::string(), std::string("Subject: x\r\nContent-Transfer-Encoding:\r\n 8bit\r\n")}) {
      INFO(header << size);
      CHECK(append(client, header + "\r\n" + octets).find("a OK [APPENDUID") != std::string::npos);
      const Mailbox mailbox = inbox(store.account("alice").value());
      const std::string kept = stored(store, mailbox.status().value().uid_next - 1);
      const std::size_t end = kept.find("\r\n\r\n") + 4;
      CHECK(kept.substr(0, end).find("Content-Transfer-Encoding: base64\r\n") != std::string::npos);
      CHECK(kept.find('\0') == std::string::npos);
      CHECK(base::base64_decode_lenient(kept.substr(end)) == octets);
      CHECK(kept.ends_with("\r\n"));
      for (std::size_t at = end; at < kept.size();) {
        const std::size_t line = kept.find("\r\n", at) - at;
        REQUIRE(line <= 76);
        at += line + 2;
      }
    }
  }
  CHECK(store.account("alice").value().check().value().problems.empty());
}

TEST_CASE("BINARY: a NUL where no encoding helps") {
  check_logged_in(R"(
    C: a APPEND INBOX ~{n+}
    L: Subject: x\0y
    L:
    L: body
    C:
    S~ a NO [UNKNOWN-CTE] *
    C: b APPEND INBOX ~{n+}
    L: Content-Type: multipart/mixed; boundary=b
    L:
    L: between \0 the parts
    L: --b
    L:
    L: body
    L: --b--
    C:
    S~ b NO [UNKNOWN-CTE] *
    C: c APPEND INBOX ~{n+}
    L: Content-Transfer-Encoding: quoted-printable
    L:
    L: a\0b
    C:
    S~ c NO [UNKNOWN-CTE] *
    C: d APPEND INBOX ~{n+}
    L: Content-Transfer-Encoding: x-unknown
    L:
    L: a\0b
    C:
    S~ d NO [UNKNOWN-CTE] *
    C: e APPEND INBOX (\Seen) {n+}
    L: Subject: x
    L:
    L: a\0b
    C:
    S~ e NO The message has a NUL, *
    # As long as it is a literal, it is counted by its octets and not by what stands in it.
    C: f NOOP
    S~ f OK *
    C: g APPEND INBOX ~{3} ~{2}
    S~ g BAD *
    C: h STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S~ h OK *
  )");
}

TEST_CASE("BINARY: several messages, and parts of CATENATE") {
  WorldOptions options;
  options.prepare = [](const Account& account) { account.deliver(std::string("Subject: d\r\n\r\nx\0y", 17)).value(); };
  check_selected(R"(
    C: a APPEND INBOX ~{n+}
    L:
    L: \0\
    C:  {4+}
    C:
    C: b ~{2}
    S~ a BAD *
    C: b APPEND INBOX ~{n}
    S: + OK
    L:
    L: \0\
    C:  {n}
    S: + OK
    L:
    L: b\
    C:  CATENATE (TEXT {n+}
    L: Content-Type: application/x-y
    L:
    C:  TEXT ~{3+}
    C: \0\xFF\0)
    S: * 4 EXISTS
    S: * 4 RECENT
    S~ b OK [APPENDUID * 2:4] *
    C: c FETCH 2:4 BODY.PEEK[]
    S: * 2 FETCH (BODY[] {43}
    S: Content-Transfer-Encoding: base64
    S:
    S: AA==
    S: )
    S: * 3 FETCH (BODY[] {3}
    S:
    S: b)
    S: * 4 FETCH (BODY[] {74}
    S: Content-Type: application/x-y
    S: Content-Transfer-Encoding: base64
    S:
    S: AP8A
    S: )
    S~ c OK *
    # A message that was delivered with a NUL.
    C: d APPEND INBOX CATENATE (TEXT {n+}
    L: X: y
    C:  URL "/INBOX/;UID=1")
    S~ * 5 EXISTS
    S~ * 5 RECENT
    S~ d OK *
    C: e FETCH 5 BODY.PEEK[]
    S: * 5 FETCH (BODY[] {61}
    S: X: y
    S: Subject: d
    S: Content-Transfer-Encoding: base64
    S:
    S: eAB5
    S: )
    S~ e OK *
  )",
                 options);
}

TEST_CASE("FETCH never sends a NUL in a literal") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver(std::string("Subject: d\0e\r\n\r\nx\0y", 19)).value();
  };
  check_selected(R"(
    C: a FETCH 1 (RFC822.SIZE BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (Subject)] BODY.PEEK[TEXT]<1.1>)
    S: * 1 FETCH (RFC822.SIZE 19 BODY[] {19}
    S: Subject: d\x80e
    S:
    S: x\x80y BODY[HEADER.FIELDS (Subject)] {16}
    S: Subject: d\x80e
    S:
    S:  BODY[TEXT]<1> {1}
    S: \x80)
    S~ a OK *
  )",
                 options);
}

TEST_CASE("UTF8 data is for those who enabled it") {
  check_logged_in(R"(
    C: a APPEND INBOX UTF8 (~{5}
    S~ a BAD *
    C: b APPEND INBOX CATENATE (UTF8 (~{5}
    S~ b BAD *
    C: c ENABLE UTF8=ACCEPT
    S~ * ENABLED *
    S~ c OK *
    C: d APPEND INBOX (\Seen) UTF8 (~{n}
    S: + OK
    L: Subject: gr\xC3\xBC\xC3\x9F
    L:
    L: x
    C: ) CATENATE (UTF8 (~{n+}
    L: Subject: \xE5\x8F\xB0
    C: ) TEXT {2+}
    C:
    C: )
    S~ d OK [APPENDUID * 1:2] *
    C: e SELECT INBOX
    S~ ...
    S~ e OK *
    C: f FETCH 1:2 BODY.PEEK[]
    S: * 1 FETCH (BODY[] {22}
    S: Subject: gr\xC3\xBC\xC3\x9F
    S:
    S: x
    S: )
    S: * 2 FETCH (BODY[] {16}
    S: Subject: \xE5\x8F\xB0
    S:
    S: )
    S~ f OK *
    C: g APPEND INBOX UTF8 (~{1}
    S: + OK
    C: x
    S~ g BAD *
    C: h APPEND INBOX UTF8 {1}
    S~ h BAD *
  )");
}
