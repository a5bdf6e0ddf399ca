#include "base/time.h"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace postfach;
using namespace postfach::base;

TEST_CASE("days and dates agree for four hundred years around each turn of rules") {
  CHECK(days_from_civil(1970, 1, 1) == 0);
  CHECK(days_from_civil(1969, 12, 31) == -1);
  CHECK(days_from_civil(2000, 3, 1) == 11017);
  CHECK(days_from_civil(2000, 3, 1) - days_from_civil(2000, 2, 28) == 2);
  CHECK(days_from_civil(1900, 3, 1) - days_from_civil(1900, 2, 28) == 1);
  CHECK(days_from_civil(0, 3, 1) == -719468);

  const std::int64_t first = days_from_civil(1799, 12, 31);
  CivilTime before = civil_time({first * 86400, 0});
  for (std::int64_t day = first + 1; day <= days_from_civil(2201, 1, 1); ++day) {
    const CivilTime now_civil = civil_time({day * 86400 + 86399, 0});
    const bool ok = days_from_civil(now_civil.year, now_civil.month, now_civil.day) == day &&
                    now_civil.weekday == (before.weekday + 1) % 7 &&
                    (now_civil.day == before.day + 1 || (now_civil.day == 1 && before.day >= 28)) &&
                    now_civil.hour == 23 && now_civil.minute == 59 && now_civil.second == 59;
    if (!ok) FAIL("day " << day);
    before = now_civil;
  }
}

TEST_CASE("civil_time shows the clock of the zone and survives the ends of time") {
  const CivilTime west = civil_time({0, -60});
  CHECK(west.year == 1969);
  CHECK(west.month == 12);
  CHECK(west.day == 31);
  CHECK(west.hour == 23);
  CHECK(west.weekday == 3);
  const CivilTime east = civil_time({86399, 1});
  CHECK(east.day == 2);
  CHECK(east.hour == 0);
  CHECK(east.minute == 0);
  CHECK(east.second == 59);
  CHECK(civil_time({INT64_MAX, 1439}).month <= 12);
  CHECK(civil_time({INT64_MIN, -1439}).month >= 1);
}

TEST_CASE("INTERNALDATE is read and written as RFC 9051 spells it") {
  struct Row {
    const char* text;
    DateTime time;
  };
  for (const Row& row :
       {Row{"17-Jul-1996 02:44:25 -0700", {837596665, -420}}, Row{" 1-Jan-1970 00:00:00 +0000", {0, 0}},
        Row{"29-Feb-2024 23:59:59 +0530", {1709231399, 330}}, Row{" 1-Jan-0000 00:00:00 +0000", {-62167219200, 0}},
        Row{"31-Dec-9999 23:59:59 -2359", {253402300799 + 86340, -1439}}}) {
    CAPTURE(row.text);
    CHECK(parse_internal_date(row.text) == row.time);
    CHECK(format_internal_date(row.time) == row.text);
  }
  CHECK(parse_internal_date("01-jan-1970 00:00:60 -0000") == DateTime{60, 0});
}

TEST_CASE("what is not an INTERNALDATE is refused") {
  for (const char* text : {"",
                           "17-Jul-1996",
                           "17-Jul-1996 02:44:25",
                           "17-Jul-1996 02:44:25 -070",
                           "17-Jul-1996 02:44:25 -07000",
                           "7-Jul-1996 02:44:25 -0700",
                           "17-Jux-1996 02:44:25 -0700",
                           "17 Jul 1996 02:44:25 -0700",
                           "31-Jun-1996 02:44:25 -0700",
                           "29-Feb-2023 00:00:00 +0000",
                           "29-Feb-1900 00:00:00 +0000",
                           " 0-Jan-1996 02:44:25 -0700",
                           "00-Jan-1996 02:44:25 -0700",
                           "17-Jul-1996 24:00:00 -0700",
                           "17-Jul-1996 02:60:25 -0700",
                           "17-Jul-1996 02:44:61 -0700",
                           "17-Jul-1996 02:44:25 -2400",
                           "17-Jul-1996 02:44:25 -0760",
                           "17-Jul-1996 02:44:25  0700",
                           "17-Jul--996 02:44:25 -0700",
                           "1 -Jul-1996 02:44:25 -0700",
                           "17-Jul-1996 +2:44:25 -0700",
                           "\"7-Jul-1996 02:44:25 -0700",
                           "17-Jul-1996 02:44:25 -07 0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_internal_date(text));
  }
}

TEST_CASE("a time that has no four-digit year is written as the nearest that has one") {
  CHECK(format_internal_date({INT64_MAX, 0}) == "31-Dec-9999 23:59:59 +0000");
  CHECK(format_internal_date({INT64_MIN, 60}) == " 1-Jan-0000 00:00:00 +0100");
  CHECK(format_internal_date({0, INT16_MIN}) == "31-Dec-1969 00:01:00 -2359");
}

TEST_CASE("RFC 5322 dates") {
  CHECK(format_rfc5322_date({837596665, -420}) == "Wed, 17 Jul 1996 02:44:25 -0700");
  CHECK(format_rfc5322_date({0, 0}) == "Thu, 1 Jan 1970 00:00:00 +0000");
}

TEST_CASE("names of months and weekdays") {
  CHECK(month_number("jAN") == 1);
  CHECK(month_number("Dec") == 12);
  CHECK(month_number("Decem") == 0);
  CHECK(month_number("") == 0);
  CHECK(month_name(7) == "Jul");
  CHECK(month_name(0).empty());
  CHECK(month_name(13).empty());
  CHECK(weekday_name(0) == "Sun");
  CHECK(weekday_name(7).empty());
}

TEST_CASE("now is after this was written, in UTC") {
  CHECK(now().seconds > 1700000000);
  CHECK(now().zone_minutes == 0);
}
