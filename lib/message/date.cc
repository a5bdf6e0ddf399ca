#include "date.h"

#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "base/time.h"
#include "lexer.h"

namespace postfach::message {
namespace {

struct Clock {
  unsigned hour = 0, minute = 0, second = 0;
};

// Up to `most` digits as a number.
struct Number {
  unsigned value = 0;
  std::size_t digits = 0;
};

Number take_number(Lexer& lexer) noexcept {
  const std::string_view digits = lexer.take_while(base::is_digit);
  Number number;
  number.digits = digits.size();
  for (const char c : digits.substr(0, 6)) number.value = number.value * 10 + static_cast<unsigned>(c - '0');
  return number;
}

bool is_separator(char c) noexcept { return is_white(c) || c == ',' || c == '-' || c == '.'; }

void skip_separators(Lexer& lexer) {
  while (lexer.skip_cfws() || !lexer.take_while(is_separator).empty()) {
  }
}

// RFC 5322 §4.3: two digits up to 49 are of this century, three count from 1900.
std::optional<int> full_year(Number year) noexcept {
  if (year.digits < 2 || year.digits > 4) return std::nullopt;
  const int value = static_cast<int>(year.value);
  if (year.digits == 2) return value + (value < 50 ? 2000 : 1900);
  return year.digits == 3 ? value + 1900 : value;
}

unsigned days_in(int year, unsigned month) noexcept {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// "hh:mm[:ss]" with the hour already read.
std::optional<Clock> take_clock(Lexer& lexer, Number hour) {
  Clock clock{hour.value, 0, 0};
  lexer.skip_cfws();
  if (!lexer.accept(':')) return std::nullopt;
  lexer.skip_cfws();
  const Number minute = take_number(lexer);
  lexer.skip_cfws();
  Number second;
  if (lexer.accept(':')) {
    lexer.skip_cfws();
    second = take_number(lexer);
    if (second.digits == 0) return std::nullopt;
  }
  clock.minute = minute.value;
  clock.second = second.value;
  // A second of 60 is a leap second.
  if (minute.digits == 0 || clock.hour > 23 || clock.minute > 59 || clock.second > 60) return std::nullopt;
  return clock;
}

// RFC 5322 §3.3 and §4.3. Zones that nobody knows are -0000.
int take_zone(Lexer& lexer) {
  lexer.skip_cfws();
  const char sign = lexer.peek();
  if (sign == '+' || sign == '-') {
    lexer.advance();
    const Number zone = take_number(lexer);
    if (zone.digits != 4 || zone.value / 100 > 23 || zone.value % 100 > 59) return 0;
    const int minutes = static_cast<int>(zone.value / 100 * 60 + zone.value % 100);
    return sign == '-' ? -minutes : minutes;
  }
  struct Named {
    std::string_view name;
    int hours;
  };
  static constexpr Named kNamed[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                                     {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
  const std::string_view name = lexer.take_while(base::is_alpha);
  for (const Named& named : kNamed) {
    if (base::equals_ignoring_case(name, named.name)) return named.hours * 60;
  }
  return 0;
}

unsigned take_month(Lexer& lexer) {
  const std::string_view name = lexer.take_while(base::is_alpha);
  return name.size() < 3 ? 0 : base::month_number(name.substr(0, 3));
}

// is_time_needed: nothing without a valid time, else a date alone will do.
std::optional<DateTime> parse(std::string_view value, bool is_time_needed) {
  Lexer lexer(value);
  skip_separators(lexer);
  unsigned month = 0;
  if (base::is_alpha(lexer.peek())) {
    month = take_month(lexer);  // most often it is the day of the week
    skip_separators(lexer);
  }
  // "Wed Jul 17 02:23:25 1996" is what C's asctime() writes.
  if (month == 0 && base::is_alpha(lexer.peek())) {
    month = take_month(lexer);
    skip_separators(lexer);
  }
  const bool asctime = month != 0;
  const Number day = take_number(lexer);
  if (day.digits == 0 || day.digits > 2) return std::nullopt;
  skip_separators(lexer);
  if (!asctime) {
    month = take_month(lexer);
    skip_separators(lexer);
  }
  if (month == 0) return std::nullopt;

  Number next = take_number(lexer);
  std::optional<int> year;
  std::optional<Clock> clock;
  int zone = 0;
  if (asctime && next.digits <= 2) {
    clock = take_clock(lexer, next);
    lexer.skip_cfws();
    if (base::is_alpha(lexer.peek())) zone = take_zone(lexer);
    skip_separators(lexer);
    year = full_year(take_number(lexer));
  } else {
    year = full_year(next);
    lexer.skip_cfws();
    lexer.accept(',');
    lexer.skip_cfws();
    next = take_number(lexer);
    if (next.digits > 0) {
      clock = take_clock(lexer, next);
      zone = take_zone(lexer);
    } else {
      clock.emplace();
    }
  }
  if (!clock && !is_time_needed) {
    clock.emplace();
    zone = 0;
  }
  if (!year || !clock || day.value < 1 || day.value > days_in(*year, month)) return std::nullopt;

  DateTime time;
  time.zone_minutes = static_cast<std::int16_t>(zone);
  time.seconds = base::days_from_civil(*year, month, day.value) * 86'400 + clock->hour * 3600 + clock->minute * 60 +
                 clock->second - zone * 60;
  return time;
}

}  // namespace

std::optional<DateTime> parse_date(std::string_view value) { return parse(value, true); }

std::optional<DateTime> parse_sent_date(std::string_view value) { return parse(value, false); }

}  // namespace postfach::message
