#include "base/saslprep.h"

#include <catch2/catch.hpp>
#include <string>

using postfach::base::saslprep;

TEST_CASE("SASLprep: the examples of RFC 4013") {
  CHECK(saslprep("I\u00ADX") == "IX");
  CHECK(saslprep("user") == "user");
  CHECK(saslprep("USER") == "USER");
  CHECK(saslprep("\u00AA") == "a");
  CHECK(saslprep("\u2168") == "IX");
  CHECK_FALSE(saslprep("\x07"));
  CHECK_FALSE(saslprep("\u0627\u0031"));
}

TEST_CASE("SASLprep: what is mapped, normalised and refused") {
  struct Row {
    const char* text;
    const char* prepared;  // null: refused
  };
  const Row rows[] = {
      {"a\u00A0b\u3000c\u200Bd", "a b c d"},  // spaces
      {"a\u200Db\uFE0F\uFEFF", "ab"},         // mapped to nothing
      {"u\u0308", "\u00FC"},                  // composed
      {"\u00BD",
       "1\u2044"
       "2"},  // RFC 5802 §3: NFC and NFKC differ
      {"\u00B4", " \u0301"},
      {"\uFB01", "fi"},
      {"\u0627\u0628", "\u0627\u0628"},
      {"\u06271\u0628", "\u06271\u0628"},
      {"\u0627b\u0628", nullptr},  // two directions
      {"1\u0627", nullptr},
      {"\U0001F600", "\U0001F600"},  // Unicode 3.2 did not know it: a query may have it
      {"", nullptr},
      {"\u00AD", nullptr},  // nothing is left
      {"a\x7F", nullptr},
      {"\u00FC\x1F", nullptr},
      {"a\u0085", nullptr},
      {"\uE000", nullptr},
      {"\U000F0000", nullptr},
      {"\uFDD0", nullptr},
      {"\U0001FFFE", nullptr},
      {"\uFFFD", nullptr},
      {"\u2FF0", nullptr},
      {"a\u200E", nullptr},
      {"\U000E0041", nullptr},
      {"\xFF", nullptr},
      {"\xED\xA0\x80", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto prepared = saslprep(row.text);
    CHECK(prepared.has_value() == (row.prepared != nullptr));
    if (prepared && row.prepared != nullptr) CHECK(*prepared == row.prepared);
    if (prepared) CHECK(saslprep(*prepared) == prepared);
  }
  CHECK_FALSE(saslprep(std::string_view("a\0b", 3)));
}

TEST_CASE("SASLprep takes linear time") {
  std::string marks = "a";
  for (int i = 0; i < 100'000; ++i) marks += i % 2 == 0 ? "\u0308" : "\u0323";
  CHECK(saslprep(marks));
}
