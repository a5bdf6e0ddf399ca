#include "lmtp/dot_reader.h"

#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <string>
#include <tuple>

using postfach::lmtp::DotReader;

namespace {

struct Read {
  std::string octets;
  std::string rest;  // what was not taken
  bool is_end = false;
};

Read read(std::string_view input, const std::function<std::size_t()>& piece) {
  DotReader reader;
  Read result;
  std::size_t at = 0;
  while (at < input.size() && !result.is_end) {
    const std::string_view offered = input.substr(at, piece());
    std::size_t taken = 0;
    while (taken < offered.size() && !result.is_end) {
      const auto next = reader.next(offered.substr(taken));
      taken += next.taken;
      result.octets += next.octets;
      result.is_end = next.is_end;
    }
    at += taken;
  }
  result.rest = input.substr(at);
  return result;
}

}  // namespace

TEST_CASE("only CRLF.CRLF ends a message, and a dot goes only behind CRLF") {
  const auto [input, octets, rest, is_end] = GENERATE(table<std::string, std::string, std::string, bool>({
      {".\r\nQUIT\r\n", "", "QUIT\r\n", true},
      {"a\r\n.\r\nQUIT", "a\r\n", "QUIT", true},
      {"a\r\n..\r\n...b\r\n.c\r\n.\r\n", "a\r\n.\r\n..b\r\nc\r\n", "", true},
      {"a.\r\nb\r\n.\r\n", "a.\r\nb\r\n", "", true},
      // What others take for an end.
      {"a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", "", true},
      {"a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", "", true},
      {"a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", "", true},
      {"a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", "", true},
      {"a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", "", true},
      {"a\r\n.\r\r\nb\r\n.\r\n", "a\r\n\r\r\nb\r\n", "", true},
      {"a\r\n.\r.\r\nb\r\n.\r\n", "a\r\n\r.\r\nb\r\n", "", true},
      {"a\r\r\n.\r\n", "a\r\r\n", "", true},
      {std::string("\0\r\n.\r\n", 6), std::string("\0\r\n", 3), "", true},
      {"a\r\n.", "a\r\n", "", false},
      {"a\r\n.\r", "a\r\n", "", false},
      {"no end", "no end", "", false},
  }));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, input.size()}) {
    INFO(input << " in pieces of " << piece);
    const Read result = read(input, [&] { return piece; });
    CHECK(result.octets == octets);
    CHECK(result.rest == rest);
    CHECK(result.is_end == is_end);
  }
}

TEST_CASE("whatever is stuffed comes out again, however it is cut") {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (std::size_t i = random() % 60; i > 0; --i) text += "\r\n.ab"[random() % 5];
    text += "\r\n";
    std::string stuffed;
    bool line_begins = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (line_begins && text[i] == '.') stuffed += '.';
      stuffed += text[i];
      line_begins = text[i] == '\n' && i > 0 && text[i - 1] == '\r';
    }
    const Read result = read(stuffed + ".\r\nrest", [&] { return 1 + random() % 7; });
    INFO(stuffed);
    CHECK(result.octets == text);
    CHECK(result.is_end);
    CHECK(result.rest == "rest");
  }
}
