#include "message/date.h"

#include <catch2/catch.hpp>

namespace postfach::message {
namespace {

struct Case {
  const char* value;
  std::int64_t seconds;
  int zone;
};

TEST_CASE("dates") {
  const Case cases[] = {
      {"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)", 837595405, -420},
      {"17 Jul 1996 02:23:25 -0700", 837595405, -420},
      {"Wed, 17 Jul 1996 02:23 -0700", 837595380, -420},
      {"Thu, 1 Jan 1970 00:00:00 +0000", 0, 0},
      {"Thu, 01 Jan 1970 01:00:00 +0100", 0, 60},
      {"Sat, 29 Feb 2020 12:00:00 +0530", 1582957800, 330},
      {" \r\n Wed,\r\n\t17 (day) Jul (month) 1996 02 : 23 : 25 (time) -0700", 837595405, -420},
      {"Wed, 17 Jul 96 09:23:25 GMT", 837595405, 0},       // RFC 5322 §4.3: two digits
      {"Wed, 17 Jul 096 09:23:25 UT", 837595405, 0},       // three digits count from 1900
      {"Tue, 1 Jan 30 00:00:00 +0000", 1893456000, 0},     // up to 49: this century
      {"Wed, 17 Jul 1996 02:23:25 PDT", 837595405, -420},  // named zones
      {"Wed, 17 Jul 1996 05:23:25 edt", 837595405, -240},
      {"Wed, 17 Jul 1996 09:23:25 Z", 837595405, 0},
      {"Wed, 17 Jul 1996 09:23:25 XYZ", 837595405, 0},  // unknown: -0000
      {"Wed, 17 Jul 1996 09:23:25", 837595405, 0},
      {"Wed, 17 Jul 1996", 837561600, 0},
      {"Wednesday, 17 July 1996 09:23:25 +0000", 837595405, 0},
      {"17-Jul-1996 02:23:25 -0700", 837595405, -420},
      {"Wed Jul 17 09:23:25 1996", 837595405, 0},  // asctime()
      {"Sat, 31 Dec 2016 23:59:60 +0000", 1483228800, 0},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    const std::optional<DateTime> time = parse_date(each.value);
    REQUIRE(time);
    CHECK(time->seconds == each.seconds);
    CHECK(time->zone_minutes == each.zone);
  }
}

TEST_CASE("no date") {
  for (const char* value :
       {"", "  ", "yesterday", "Wed,", "17", "17 Jul", "17 Foo 1996 00:00:00 +0000", "32 Jan 1996 00:00:00 +0000",
        "29 Feb 2019 00:00:00 +0000", "0 Jan 1996 00:00:00 +0000", "17 Jul 1996 24:00:00 +0000",
        "17 Jul 1996 00:60:00 +0000", "17 Jul 1996 00:00:61 +0000", "17 Jul 1996 02:", "17 Jul 19961 00:00:00 +0000",
        "99999999999999999999 Jul 1996 00:00:00 +0000", "(", "(17 Jul 1996"}) {
    INFO(value);
    CHECK_FALSE(parse_date(value));
  }
}

TEST_CASE("a date for sorting: a time that is not valid is midnight in UTC") {
  CHECK(parse_sent_date("Wed, 17 Jul 1996 02:23:25 -0700")->seconds == 837595405);
  CHECK(parse_sent_date("17 Jul 1996 24:00:00 -0700") == DateTime{837561600, 0});
  CHECK(parse_sent_date("17 Jul 1996 02: -0700") == DateTime{837561600, 0});
  CHECK(parse_sent_date("17 Jul 1996 10:00:00 +9999") == DateTime{837597600, 0});
  CHECK_FALSE(parse_sent_date("32 Jul 1996 10:00:00 +0000"));
  CHECK_FALSE(parse_sent_date("yesterday"));
}

}  // namespace
}  // namespace postfach::message
