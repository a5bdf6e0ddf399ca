#include "base/find_text.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "base/ascii.h"

using namespace postfach::base;

namespace {

bool contains_ignoring_case(std::string_view text, std::string_view needle) { return TextFinder(needle).is_in(text); }

}  // namespace

TEST_CASE("a pair of octets is found wherever it stands") {
  const OctetPair pair{.first = 'x', .first_too = 'X', .second = '1', .second_too = '2', .distance = 3};
  for (std::size_t size = 4; size < 80; ++size) {
    for (std::size_t at = 0; at + 3 < size; ++at) {
      std::string text(size, 'x');
      text[at + 3] = at % 2 == 0 ? '1' : '2';
      text[at] = at % 3 == 0 ? 'x' : 'X';
      CAPTURE(size, at);
      CHECK(find_pair(text, pair) == at);
      CHECK(find_pair(text, pair, at) == at);
      CHECK(find_pair(text, pair, at + 1) == std::string::npos);
      for (const std::size_t readable : {std::size_t{0}, size}) {
        CHECK(find_pair(std::string_view(text).substr(0, at + 3), pair, 0, readable) == std::string::npos);
        CHECK(find_pair(std::string_view(text).substr(0, at + 4), pair, 0, readable) == at);
      }
    }
  }
  CHECK(find_pair("", pair) == std::string::npos);
  CHECK(find_pair("x", pair, 5) == std::string::npos);
  CHECK(find_pair("abc", {.first = 'c', .first_too = 'c', .second = 'c', .second_too = 'c', .distance = 0}) == 2);
}

TEST_CASE("a text is found without regard to case") {
  CHECK(contains_ignoring_case("", ""));
  CHECK(contains_ignoring_case("abc", ""));
  CHECK_FALSE(contains_ignoring_case("", "a"));
  CHECK_FALSE(contains_ignoring_case("ab", "abc"));
  CHECK(contains_ignoring_case("aBC", "abc"));
  CHECK(contains_ignoring_case("Q", "q"));
  // 32 apart, but no letters.
  CHECK_FALSE(contains_ignoring_case("x@y", "x`y"));
  CHECK_FALSE(contains_ignoring_case("[", "{"));
  CHECK_FALSE(contains_ignoring_case("\xC3\x84", "\xC3\xA4"));
  CHECK(contains_ignoring_case(std::string(1000, '.') + "The QUICK brown fox", "quick brown"));
}

TEST_CASE("it is found where a slow search finds it") {
  std::mt19937 random(20'261'126);  // NOLINT: the same texts in every run
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 90, '\0');
    for (char& c : text) c = "abABc \xC3\n"[random() % 8];
    std::string needle(1 + random() % (round % 4 == 0 ? 20 : 4), '\0');
    for (char& c : needle) c = "abc \xC3\n"[random() % 6];
    if (round % 3 == 0 && needle.size() < text.size())
      needle = to_lower(text.substr(random() % (text.size() - needle.size()), needle.size()));
    const bool expected = to_lower(text).find(needle) != std::string::npos;
    CAPTURE(text, needle);
    REQUIRE(contains_ignoring_case(text, needle) == expected);
    // The same of its beginning, where the rest may be read and does not count.
    const std::string_view beginning = std::string_view(text).substr(0, random() % (text.size() + 1));
    REQUIRE(TextFinder(needle).is_in(beginning, text.size()) ==
            (to_lower(std::string(beginning)).find(needle) != std::string::npos));
  }
}

TEST_CASE("a text that nearly has it everywhere takes no longer than its size") {
  std::string text(4'000'000, 'a');
  const std::string needle = std::string(200'000, 'a') + 'b';
  CHECK_FALSE(contains_ignoring_case(text, needle));  // hours, were each place compared in full
  text += "B";
  CHECK(contains_ignoring_case(text, needle));
  // The octets looked at first are everywhere, the rest of the needle nowhere.
  CHECK_FALSE(contains_ignoring_case(text, std::string(100'000, 'a') + 'c' + std::string(100'000, 'a')));
}

TEST_CASE("the beginning that is ASCII") {
  for (std::size_t size = 0; size < 200; ++size) {
    std::string text(size, 'a');
    CHECK(ascii_prefix(text) == size);
    for (std::size_t at = 0; at < size; ++at) {
      text[at] = '\x80';
      REQUIRE(ascii_prefix(text) == at);
      REQUIRE_FALSE(is_ascii(text));
      text[at] = '\x7F';
    }
  }
}
