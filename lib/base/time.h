// Calendar arithmetic without locale, environment or time zone database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "postfach/types.h"

namespace postfach::base {

// Days since 1970-01-01 of a proleptic Gregorian date. month 1..12, day 1..31.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept;
struct CivilTime {
  std::int64_t year;
  unsigned month, day, hour, minute, second;
  unsigned weekday;  // 0 is Sunday
};
// As a clock in the given zone shows it.
CivilTime civil_time(DateTime time) noexcept;

// 1..12 for "Jan".."Dec" in any case, else 0.
unsigned month_number(std::string_view name) noexcept;
std::string_view month_name(unsigned month) noexcept;      // "Jan"
std::string_view weekday_name(unsigned weekday) noexcept;  // "Sun"

// RFC 9051 date-time, without the quotes: "17-Jul-1996 02:44:25 -0700", day padded with a space.
std::string format_internal_date(DateTime time);
std::optional<DateTime> parse_internal_date(std::string_view text) noexcept;  // strict, without the quotes
// RFC 5322 §3.3: "Wed, 17 Jul 1996 02:44:25 -0700".
std::string format_rfc5322_date(DateTime time);

// Now, in UTC, by the system's clock.
DateTime now() noexcept;

}  // namespace postfach::base
