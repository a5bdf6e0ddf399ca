#include "protocol/deflate.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "protocol/compressed.h"

using namespace postfach;
using postfach::protocol::Deflate;
using postfach::test::ClientDeflate;
using postfach::test::Flush;

namespace {

// Octets that compress somewhat.
std::string text(std::mt19937& random, std::size_t size) {
  std::string result;
  while (result.size() < size) {
    result += random() % 3 == 0 ? std::to_string(random()) : std::string("* 1 FETCH (FLAGS (\\Seen))\r\n");
  }
  result.resize(size);
  return result;
}

// Everything that can be inflated from the octets, which are all taken.
std::string inflate(Deflate& deflate, std::string_view octets) {
  std::string result;
  for (;;) {
    const Deflate::Taken taken = deflate.take(octets);
    if (taken != Deflate::Taken::piece) {
      REQUIRE(taken != Deflate::Taken::corrupt);
      REQUIRE(octets.empty());
      return result;
    }
    REQUIRE(deflate.input().size() <= Deflate::kPiece);
    result += deflate.input();
    deflate.consume(deflate.input().size());
  }
}

}  // namespace

TEST_CASE("what a client compresses comes out as it went in, however it flushes and is cut") {
  const auto flush = GENERATE(Flush::sync, Flush::partial, Flush::full);
  std::mt19937 random(7);
  Deflate deflate;
  ClientDeflate client;
  for (int round = 0; round < 100; ++round) {
    const std::string sent = text(random, random() % 50 == 0 ? 100'000 : random() % 300 + 1);
    std::string octets = client.deflate(sent, flush);
    std::string got;
    for (std::size_t at = 0; at < octets.size();) {
      const std::size_t piece = std::min<std::size_t>(octets.size() - at, 1 + random() % 40);
      got += inflate(deflate, std::string_view(octets).substr(at, piece));
      at += piece;
    }
    // Nothing waits for octets that are still to come.
    REQUIRE(got == sent);
    REQUIRE_FALSE(deflate.holds_input());
  }
}

TEST_CASE("what is sent can be read at once, also after a rest") {
  std::mt19937 random(8);
  Deflate deflate;
  ClientDeflate client;
  std::size_t clear = 0;
  std::size_t compressed = 0;
  for (int round = 0; round < 300; ++round) {
    if (random() % 20 == 0) deflate.rest();
    const std::string sent = text(random, random() % 50 == 0 ? 300'000 : random() % 300);
    std::string out = "before";
    deflate.send(sent, out);
    REQUIRE(out.starts_with("before"));
    REQUIRE((out.size() == 6) == sent.empty());
    REQUIRE(client.inflate(std::string_view(out).substr(6)) == sent);
    clear += sent.size();
    compressed += out.size() - 6;
  }
  CHECK(compressed < clear / 2);
  std::string out;
  deflate.finish("bye", out);
  CHECK(client.inflate(out) == "bye");
  CHECK(client.ended());
}

TEST_CASE("octets that do not compress grow by next to nothing") {
  std::mt19937 random(9);
  std::string sent(200'000, '\0');
  for (char& c : sent) c = static_cast<char>(random());
  Deflate deflate;
  ClientDeflate client;
  std::string out;
  deflate.send(sent, out);
  CHECK(out.size() < sent.size() + sent.size() / 100);
  CHECK(client.inflate(out) == sent);
}

TEST_CASE("a bomb is inflated piece by piece, as it is asked for") {
  ClientDeflate client;
  const std::string bomb = client.deflate(std::string(20'000'000, 'x'));
  REQUIRE(bomb.size() < 30'000);
  Deflate deflate;
  std::string_view octets = bomb;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(deflate.take(octets) == Deflate::Taken::piece);
    REQUIRE(deflate.input().size() == Deflate::kPiece);
    REQUIRE(deflate.holds_input());
    deflate.consume(Deflate::kPiece);
  }
  CHECK(octets.size() > bomb.size() / 2);  // the rest was not touched
}

TEST_CASE("octets that are no DEFLATE, and the end of a stream") {
  ClientDeflate client;
  Deflate deflate;
  std::string good = client.deflate("a NOOP\r\n");
  SECTION("broken from the start") {
    std::string_view octets = "\xFF\xFF\xFF\xFF";
    CHECK(deflate.take(octets) == Deflate::Taken::corrupt);
    CHECK(deflate.holds_input());  // there is something to be said
    octets = good;
    CHECK(deflate.take(octets) == Deflate::Taken::corrupt);
  }
  SECTION("broken behind a command, which counts") {
    good += "\xFF\xFF\xFF\xFF";
    std::string_view octets = good;
    CHECK(deflate.take(octets) == Deflate::Taken::piece);
    CHECK(deflate.input() == "a NOOP\r\n");
    deflate.consume(8);
    CHECK(deflate.holds_input());
    CHECK(deflate.take(octets) == Deflate::Taken::corrupt);
  }
  SECTION("ended") {
    good += client.finish();
    CHECK(inflate(deflate, good) == "a NOOP\r\n");
    std::string_view octets;
    CHECK(deflate.take(octets) == Deflate::Taken::nothing);
    octets = "x";
    CHECK(deflate.take(octets) == Deflate::Taken::corrupt);
  }
}
