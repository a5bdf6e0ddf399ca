#include "time.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "ascii.h"

namespace postfach::base {
namespace {

constexpr std::int64_t kSecondsOfDay = 86400;
constexpr std::int64_t kDaysOfEra = 146097;   // 400 Gregorian years
constexpr std::int64_t kEpochShift = 719468;  // from 0000-03-01 to 1970-01-01

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

constexpr std::int64_t floor_divide(std::int64_t number, std::int64_t by) noexcept {
  return number / by - (number % by < 0 ? 1 : 0);
}

constexpr unsigned days_in_month(std::int64_t year, unsigned month) noexcept {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// A fixed number of digits at text[at]; nothing if another character is there.
std::optional<unsigned> digits_at(std::string_view text, std::size_t at, std::size_t count) noexcept {
  const auto number = parse_number(text.substr(at, count));
  if (!number) return std::nullopt;
  return static_cast<unsigned>(*number);
}

void append_padded(std::string& out, std::int64_t number, std::size_t width, char padding) {
  std::string digits;
  append_number(digits, static_cast<std::uint64_t>(number));
  if (digits.size() < width) out.append(width - digits.size(), padding);
  out += digits;
}

// Both written forms have four digits for the year and two for the zone's hours; what lies outside is moved
// to the nearest that can be written.
DateTime writable(DateTime time) noexcept {
  const std::int64_t least = days_from_civil(0, 1, 1) * kSecondsOfDay;
  const std::int64_t most = days_from_civil(10000, 1, 1) * kSecondsOfDay - 1;
  time.zone_minutes = std::clamp<std::int16_t>(time.zone_minutes, -1439, 1439);
  const std::int64_t east = std::int64_t{time.zone_minutes} * 60;
  time.seconds = std::clamp(time.seconds, least - east, most - east);
  return time;
}

void append_time_and_zone(std::string& out, const CivilTime& civil, int zone_minutes) {
  append_padded(out, civil.hour, 2, '0');
  out += ':';
  append_padded(out, civil.minute, 2, '0');
  out += ':';
  append_padded(out, civil.second, 2, '0');
  out += zone_minutes < 0 ? " -" : " +";
  const int distance = zone_minutes < 0 ? -zone_minutes : zone_minutes;
  append_padded(out, distance / 60, 2, '0');
  append_padded(out, distance % 60, 2, '0');
}

}  // namespace

// Years are counted from March, so that the leap day is the last day of its year and the months' lengths
// follow one linear rule: month m (0 is March) starts at day (153 m + 2) / 5.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept {
  if (month <= 2) --year;
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t shifted_month = month > 2 ? month - 3 : month + 9;
  const std::int64_t day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
  return era * kDaysOfEra + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - kEpochShift;
}

CivilTime civil_time(DateTime time) noexcept {
  // The zone is added after the division, where no sum can overflow.
  std::int64_t days = floor_divide(time.seconds, kSecondsOfDay);
  const std::int64_t remainder = time.seconds % kSecondsOfDay;
  std::int64_t second_of_day =
      (remainder < 0 ? remainder + kSecondsOfDay : remainder) + std::int64_t{time.zone_minutes} * 60;
  const std::int64_t carried = floor_divide(second_of_day, kSecondsOfDay);
  days += carried;
  second_of_day -= carried * kSecondsOfDay;

  const std::int64_t shifted = days + kEpochShift;
  const std::int64_t era = floor_divide(shifted, kDaysOfEra);
  const std::int64_t day_of_era = shifted - era * kDaysOfEra;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::int64_t weekday = days - floor_divide(days + 4, 7) * 7 + 4;  // 1970-01-01 was a Thursday

  CivilTime civil{};
  civil.year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  civil.month = static_cast<unsigned>(month);
  civil.day = static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  civil.hour = static_cast<unsigned>(second_of_day / 3600);
  civil.minute = static_cast<unsigned>(second_of_day / 60 % 60);
  civil.second = static_cast<unsigned>(second_of_day % 60);
  civil.weekday = static_cast<unsigned>(weekday);
  return civil;
}

unsigned month_number(std::string_view name) noexcept {
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (equals_ignoring_case(name, kMonths[i])) return i + 1;
  }
  return 0;
}

std::string_view month_name(unsigned month) noexcept {
  return month >= 1 && month <= kMonths.size() ? kMonths[month - 1] : std::string_view{};
}

std::string_view weekday_name(unsigned weekday) noexcept {
  return weekday < kWeekdays.size() ? kWeekdays[weekday] : std::string_view{};
}

std::string format_internal_date(DateTime time) {
  time = writable(time);
  const CivilTime civil = civil_time(time);
  std::string text;
  text.reserve(26);
  append_padded(text, civil.day, 2, ' ');
  text += '-';
  text += month_name(civil.month);
  text += '-';
  append_padded(text, civil.year, 4, '0');
  text += ' ';
  append_time_and_zone(text, civil, time.zone_minutes);
  return text;
}

// RFC 9051 §9:
//   date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
//   date-day-fixed = (SP DIGIT) / 2DIGIT
std::optional<DateTime> parse_internal_date(std::string_view text) noexcept {
  constexpr std::string_view kShape = "dd-Mon-yyyy hh:mm:ss +zzzz";
  if (text.size() != kShape.size()) return std::nullopt;
  for (const std::size_t at : {2U, 6U, 11U, 14U, 17U, 20U}) {
    if (text[at] != kShape[at]) return std::nullopt;
  }
  if (text[21] != '+' && text[21] != '-') return std::nullopt;

  const auto day = text[0] == ' ' ? digits_at(text, 1, 1) : digits_at(text, 0, 2);
  const unsigned month = month_number(text.substr(3, 3));
  const auto year = digits_at(text, 7, 4);
  const auto hour = digits_at(text, 12, 2);
  const auto minute = digits_at(text, 15, 2);
  const auto second = digits_at(text, 18, 2);
  const auto zone_hours = digits_at(text, 22, 2);
  const auto zone_rest = digits_at(text, 24, 2);
  if (!day || month == 0 || !year || !hour || !minute || !second || !zone_hours || !zone_rest) return std::nullopt;
  if (*day < 1 || *day > days_in_month(*year, month)) return std::nullopt;
  // 60 is a leap second, and the same moment as the next minute's start.
  if (*hour > 23 || *minute > 59 || *second > 60 || *zone_hours > 23 || *zone_rest > 59) return std::nullopt;

  const int distance = static_cast<int>(*zone_hours * 60 + *zone_rest);
  const int zone = text[21] == '-' ? -distance : distance;
  const std::int64_t clock = std::int64_t{*hour} * 3600 + *minute * 60 + *second;
  const std::int64_t local = days_from_civil(*year, month, *day) * kSecondsOfDay + clock;
  return DateTime{local - std::int64_t{zone} * 60, static_cast<std::int16_t>(zone)};
}

std::string format_rfc5322_date(DateTime time) {
  time = writable(time);
  const CivilTime civil = civil_time(time);
  std::string text;
  text.reserve(31);
  text += weekday_name(civil.weekday);
  text += ", ";
  append_number(text, civil.day);
  text += ' ';
  text += month_name(civil.month);
  text += ' ';
  append_padded(text, civil.year, 4, '0');
  text += ' ';
  append_time_and_zone(text, civil, time.zone_minutes);
  return text;
}

DateTime now() noexcept {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::floor<std::chrono::seconds>(since_epoch).count(), 0};
}

}  // namespace postfach::base
