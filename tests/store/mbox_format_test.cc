#include "store/mbox_format.h"

#include <catch2/catch.hpp>

using namespace postfach;
using store::from_quoting;
using store::parse_from_line;

TEST_CASE("A From line is told by its date") {
  struct Row {
    const char* line;
    bool begins;
    std::int64_t seconds;
    int zone;
  };
  const Row rows[] = {
      {"From a@b Sat Jan  3 01:05:34 1996\n", true, 820631134, 0},
      {"From a@b Sat Jan  3 01:05:34 1996\r\n", true, 820631134, 0},
      {"From a@b Sat Jan 3 01:05 1996\n", true, 820631100, 0},
      {"From - Sat Jan  3 01:05:34 1996\n", true, 820631134, 0},
      {"From 18443@xxx Sat Jan 03 01:05:34 +0130 1996\n", true, 820625734, 90},
      {"From a@b Sat Jan 03 01:05:34 1996 -0500\n", true, 820649134, -300},
      {"From a@b Sat Jan 03 01:05:34 MET DST 1996 remote from c\n", true, 820631134, 0},
      {"From \"two words\"@b Sat Jan  3 01:05:34 1996\n", true, 820631134, 0},
      {"From Russia with love\n", false, 0, 0},
      {"From Sat on it depends: Sat Jan will come at 9\n", false, 0, 0},
      {"From a@b Sat Jan  3 25:05:34 1996\n", false, 0, 0},
      {"From a@b Sat Jan 32 01:05:34 1996\n", false, 0, 0},
      {"From a@b Sat Foo  3 01:05:34 1996\n", false, 0, 0},
      {"from a@b Sat Jan  3 01:05:34 1996\n", false, 0, 0},
      {"From: a@b Sat Jan  3 01:05:34 1996\n", false, 0, 0},
      {" From a@b Sat Jan  3 01:05:34 1996\n", false, 0, 0},
      {"From\n", false, 0, 0},
  };
  for (const auto& row : rows) {
    INFO(row.line);
    const auto from = parse_from_line(row.line, false);
    REQUIRE(from.has_value() == row.begins);
    if (!row.begins) continue;
    REQUIRE(from->date.has_value());
    CHECK(from->date->seconds == row.seconds);
    CHECK(from->date->zone_minutes == row.zone);
  }
}

TEST_CASE("An undated From line counts only where it is allowed, and as one word") {
  CHECK(parse_from_line("From - \n", true).has_value());
  CHECK(parse_from_line("From 1844347792267117879@xxx\n", true).has_value());
  CHECK_FALSE(parse_from_line("From -\n", false).has_value());
  CHECK_FALSE(parse_from_line("From Russia with love\n", true).has_value());
  CHECK_FALSE(parse_from_line("From " + std::string(5000, 'x') + "\n", true).has_value());
}

TEST_CASE("One mark of From-quoting is taken off") {
  struct Row {
    const char* line;
    std::size_t rd, o;
  };
  const Row rows[] = {{">From x\n", 1, 1},  {">>From x\n", 1, 0},   {"From x\n", 0, 0}, {">from x\n", 0, 0},
                      {"> From x\n", 0, 0}, {">>>>From x\n", 1, 0}, {">>>>", 0, 0},     {"", 0, 0}};
  for (const auto& row : rows) {
    INFO(row.line);
    CHECK(from_quoting(row.line, MboxQuoting::mboxrd) == row.rd);
    CHECK(from_quoting(row.line, MboxQuoting::mboxo) == row.o);
    CHECK(from_quoting(row.line, MboxQuoting::none) == 0);
  }
}

TEST_CASE("Flags come from the fields that mail programs keep in an mbox") {
  struct Row {
    const char* header;
    Flags flags;
  };
  const Row rows[] = {{"Status: RO\n\n", Flag::seen},
                      {"Status: O\n\n", {}},
                      {"status: RO\nX-Status: AF\n\n", Flags(Flag::seen) | Flag::answered | Flag::flagged},
                      {"X-Status: DT\r\n\r\n", Flag::deleted | Flag::draft},
                      {"X-Mozilla-Status: 0007\n\n", Flags(Flag::seen) | Flag::answered | Flag::flagged},
                      {"X-Mozilla-Status: 0008\n\n", Flag::deleted},
                      {"X-Mozilla-Status: zzz\n\n", {}},
                      {"Subject: Status: R\n\n", {}}};
  for (const auto& row : rows) {
    INFO(row.header);
    CHECK(store::mbox_flags(row.header).flags == row.flags);
  }
  CHECK(store::mbox_flags("X-Keywords: $Forwarded work    \n\n").keywords ==
        std::vector<std::string>{"$Forwarded", "work"});
}

TEST_CASE("The time of arrival is that of the last hop, else the Date") {
  CHECK(store::arrival_date("Date: Sat, 3 Jan 1998 01:05:34 +0000\n"
                            "Received: from a by b; Sat, 3 Jan 1998 02:05:34 +0100\n"
                            "Received: from c by a; Sat, 3 Jan 1998 00:00:00 +0000\n\n") == DateTime{883789534, 60});
  CHECK(store::arrival_date("Date: Sat, 3 Jan 1998 01:05:34 +0000\nReceived: nonsense\n\n") == DateTime{883789534, 0});
  CHECK_FALSE(store::arrival_date("Subject: x\n\n").has_value());
}
