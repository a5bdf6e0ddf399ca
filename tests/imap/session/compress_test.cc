// COMPRESS=DEFLATE (RFC 4978).
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "imap/session/world.h"
#include "protocol/compressed.h"

using namespace postfach;
using namespace postfach::imap::test;
using postfach::test::ClientDeflate;
using postfach::test::Flush;

namespace {

WorldOptions with_compression(WorldOptions options = {}) {
  options.session.capabilities.on = {"COMPRESS=DEFLATE"};
  return options;
}

constexpr std::string_view kActive = "c OK DEFLATE active";

// The text after a login and COMPRESS, with all octets compressed.
void check_compressed(std::string_view text, WorldOptions options = {}) {
  const auto flush = GENERATE(Flush::sync, Flush::partial, Flush::full);
  postfach::test::Transcript transcript = imap_transcript(with_compression(std::move(options)));
  transcript.make = [make = transcript.make, flush](protocol::Ring ring) {
    return postfach::test::seen_in_clear(make(std::move(ring)), std::string(kActive), flush);
  };
  postfach::test::check_transcript(R"(
    S~ *
    C: l LOGIN alice secret
    S~ l OK *
    C: c COMPRESS DEFLATE
    S: c OK DEFLATE active
  )" + std::string(text),
                                   transcript);
}

// A client that has switched compression on.
struct Compressed {
  explicit Compressed(WorldOptions options = {})
      : world(with_compression(std::move(options))), store(make_store(world)), client(store, world) {
    client.send("l LOGIN alice secret\r\n");
    REQUIRE(client.send("c COMPRESS DEFLATE\r\n") == std::string(kActive) + "\r\n");
  }
  std::string send(std::string_view text) { return streams.inflate(client.send(streams.deflate(text))); }

  WorldOptions world;
  Store store;
  Client client;
  ClientDeflate streams;
};

}  // namespace

TEST_CASE("COMPRESS is there if the host has switched it on, after login, once") {
  check_logged_in(R"(
    C: b COMPRESS DEFLATE
    S: b BAD Unknown command
  )");
  postfach::test::check_transcript(R"(
    S~ * OK [CAPABILITY *] *
    C: a COMPRESS DEFLATE
    S: a BAD Log in first
  )",
                                   imap_transcript(with_compression()));
  check_logged_in(R"(
    C: a COMPRESS LZW
    S: a BAD Unknown compression mechanism
    C: b COMPRESS
    S~ b BAD *
    C: c compress deflate
    S: c OK DEFLATE active
  )",
                  with_compression());
}

TEST_CASE("a session goes on under compression") {
  check_compressed(R"(
    C: d COMPRESS DEFLATE
    S: d BAD [COMPRESSIONACTIVE] DEFLATE is active already
    C: e SELECT INBOX
    S~ ...
    S~ e OK [READ-WRITE] *
    C: f FETCH 1:2 (UID RFC822.SIZE BODY.PEEK[HEADER])
    S: * 1 FETCH (UID 1 RFC822.SIZE 23 BODY[HEADER] {14}
    S: Subject: 1
    S:
    S: )
    S: * 2 FETCH (UID 2 RFC822.SIZE 23 BODY[HEADER] {14}
    S: Subject: 2
    S:
    S: )
    S: f OK Fetch completed
    C: g NOOP
    C: h CHECK
    C: i SEARCH ALL
    S: g OK Done
    S: h OK Done
    S: * SEARCH 1 2
    S~ i OK *
    C: j IDLE
    S: + idling
    ! deliver three
    S: * 3 EXISTS
    S: * 3 RECENT
    ! after 120
    S: * OK Still here
    C: DONE
    C: k UID STORE 3 +FLAGS (\Deleted)
    C: m LOGOUT
    S: j OK Idle completed
    S: * 3 FETCH (UID 3 FLAGS (\Deleted \Recent))
    S~ k OK *
    S: * BYE Logging out
    S: m OK Logout completed
    ! want close
  )",
                   {.prepare = with_messages(2)});
}

TEST_CASE("literals of all kinds under compression") {
  check_compressed(R"(
    C: d APPEND INBOX {n}
    S: + OK
    L: Subject: x
    L:
    L: hello
    C:
    S~ d OK [APPENDUID *] *
    C: e APPEND INBOX {n+}
    L: Subject: y
    L:
    L: hello again
    C:
    S~ e OK [APPENDUID *] *
    C: f SELECT {5+}
    C: INBOX
    S~ ...
    S~ f OK *
    C: g FETCH 2 BODY[TEXT]
    S: * 2 FETCH (FLAGS (\Seen \Recent) BODY[TEXT] {13}
    S: hello again
    S: )
    S~ g OK *
  )");
}

TEST_CASE("octets behind the command to compress are compressed already") {
  const WorldOptions options = with_compression();
  const Store store = make_store(options);
  for (const std::size_t cut : {1U, 3U, 1000U}) {
    Client client(store, options);
    client.send("l LOGIN alice secret\r\n");
    ClientDeflate streams;
    std::string octets = "c COMPRESS DEFLATE\r\n";
    octets += streams.deflate("d NOOP\r\n");
    octets += streams.deflate("e NOOP\r\n");
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += cut) out += client.send(octets.substr(at, cut));
    const std::string active = std::string(kActive) + "\r\n";
    REQUIRE(out.starts_with(active));
    CHECK(streams.inflate(out.substr(active.size())) == "d OK Done\r\ne OK Done\r\n");
  }
}

TEST_CASE("a large message goes both ways under compression, octet for octet") {
  std::mt19937 random(3);
  std::string mail = "Subject: large\r\n\r\n";
  while (mail.size() < 3'000'000) {
    mail += random() % 2 == 0 ? std::to_string(random()) : "the same text once more";
    mail += "\r\n";
  }
  Compressed it;
  CHECK(it.send("a APPEND INBOX {" + std::to_string(mail.size()) + "+}\r\n" + mail + "\r\n").find("a OK [APPENDUID ") !=
        std::string::npos);
  it.send("b SELECT INBOX\r\n");
  const std::string answer = it.send("c FETCH 1 BODY.PEEK[]\r\n");
  CHECK(answer.find("{" + std::to_string(mail.size()) + "}\r\n" + mail) != std::string::npos);
}

TEST_CASE("a bomb costs its sender's session some time, and nothing else") {
  Compressed it;
  // 50 MB of one line, and then a command.
  std::string bomb = it.streams.deflate("a " + std::string(50'000'000, 'x'));
  bomb += it.streams.deflate("\r\nb NOOP\r\n");
  REQUIRE(bomb.size() < 100'000);
  std::string_view octets = bomb;
  std::string out;
  std::size_t turns = 0;
  while (!octets.empty() || it.client.session().want() == protocol::Want::write) {
    std::string piece;
    it.client.session().produce(piece, 64 * 1024);
    out += it.streams.inflate(piece);
    // Between two calls nothing of it is held but what is not taken yet.
    if (it.client.session().want() == protocol::Want::read && !octets.empty()) {
      const std::size_t taken = it.client.session().receive(octets);
      REQUIRE(taken <= octets.size());
      octets.remove_prefix(taken);
    }
    ++turns;
    REQUIRE(turns < 10'000);
  }
  CHECK(turns > 50'000'000 / (256 * 1024));  // others had theirs
  CHECK(out == "a BAD Line too long\r\nb OK Done\r\n");
}

TEST_CASE("a literal that is a bomb is refused by its size, as without compression") {
  Compressed it;
  CHECK(it.send("a LIST \"\" {200000+}\r\n" + std::string(200'000, 'x') + "\r\nb NOOP\r\n") ==
        "a BAD [TOOBIG] Literal too big\r\nb OK Done\r\n");
}

TEST_CASE("octets that are no DEFLATE end the session") {
  Compressed it;
  CHECK(it.send("a NOOP\r\n") == "a OK Done\r\n");
  const std::string out = it.client.send("\xFF\xFF in clear\r\n");
  CHECK(it.streams.inflate(out) == "* BYE The compressed data is invalid\r\n");
  CHECK(it.client.session().want() == protocol::Want::close);
  CHECK(it.streams.ended());
}

TEST_CASE("a shutdown is told under compression") {
  Compressed it;
  it.client.session().on_shutdown();
  CHECK(it.streams.inflate(it.client.send("")) == "* BYE [UNAVAILABLE] Server is shutting down\r\n");
  CHECK(it.client.session().want() == protocol::Want::close);
}

TEST_CASE("broken octets under compression harm nobody") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Compressed it({.prepare = with_messages(1)});
    std::string octets = it.streams.deflate("a SELECT INBOX\r\nb FETCH 1 BODY[]\r\nc NOOP\r\nd LOGOUT\r\n");
    for (unsigned i = 0; i <= seed % 4; ++i) octets[random() % octets.size()] = static_cast<char>(random());
    std::string out;
    while (!octets.empty() && it.client.session().want() != protocol::Want::close) {
      const std::size_t piece = std::min<std::size_t>(octets.size(), 1 + random() % 20);
      out += it.client.send(octets.substr(0, piece));
      octets.erase(0, piece);
    }
    CHECK_NOTHROW(it.streams.inflate(out));
  }
}
