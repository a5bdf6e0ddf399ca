#include "imap/wire/number_set.h"

#include <catch2/catch.hpp>
#include <string>

#include "imap/wire/scanner.h"

namespace {

using postfach::imap::NumberSet;
using postfach::imap::Scanner;

NumberSet set_of(const std::string& text) {
  NumberSet set;
  Scanner in(text);
  INFO(text);
  REQUIRE((in.sequence_set(set) && in.end()));
  return set;
}

}  // namespace

TEST_CASE("number set: UIDs") {
  struct Row {
    const char* text;
    postfach::Uid largest;
    const char* expected;
  };
  for (const Row& row : {Row{"1", 9, "1"}, Row{"3:1", 9, "1:3"}, Row{"5,1,3:4,2", 9, "1:5"}, Row{"*", 9, "9"},
                         Row{"*", 0, ""}, Row{"7:*", 9, "7:9"}, Row{"*:7", 9, "7:9"}, Row{"20:*", 9, "9:20"},
                         Row{"20:*,3:*", 9, "3:20"}, Row{"*:*", 9, "9"}, Row{"1:*", 0, ""}, Row{"2,1:*", 0, "2"},
                         Row{"1:4294967295", 9, "1:4294967295"}, Row{"4294967295,1", 1, "1,4294967295"}}) {
    INFO(row.text);
    CHECK(set_of(row.text).uids(row.largest).to_string() == row.expected);
  }
}

TEST_CASE("number set: sequence numbers are cut to what exists, and it is told") {
  struct Row {
    const char* text;
    std::uint32_t messages;
    const char* expected;
    bool exceeds;
  };
  for (const Row& row : {Row{"1:3", 3, "1:3", false}, Row{"1:4", 3, "1:3", true}, Row{"4", 3, "", true},
                         Row{"2:*", 3, "2:3", false}, Row{"5:*", 3, "3", true}, Row{"*", 3, "3", false},
                         Row{"*", 0, "", true}, Row{"1:*", 0, "", true}, Row{"1", 0, "", true}}) {
    INFO(row.text);
    const auto sequence = set_of(row.text).sequence(row.messages);
    CHECK(sequence.numbers.to_string() == row.expected);
    CHECK(sequence.exceeds == row.exceeds);
  }
}

TEST_CASE("number set: memory follows the ranges, not the text") {
  std::string same = "1";
  for (int i = 0; i < 100'000; ++i) same += ",1";
  CHECK(set_of(same).numbers().ranges().size() == 1);

  // Descending and apart: the order that is hardest to insert.
  std::string apart = "40000";
  for (int i = 39'998; i > 10'000; i -= 2) apart += "," + std::to_string(i);
  CHECK(set_of(apart).numbers().ranges().size() == 15'000);

  std::string many = "100000";
  for (int i = 99'998; i > 0; i -= 2) many += "," + std::to_string(i);
  NumberSet set;
  Scanner in(many);
  CHECK_FALSE(in.sequence_set(set));
  CHECK(in.error() == "Too many ranges in message set");
}
