#include "mbox_format.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/ascii.h"
#include "base/time.h"
#include "message/date.h"
#include "message/header.h"
#include "names.h"

namespace postfach::store {
namespace {

constexpr std::string_view kFrom = "From ";

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto begin = text.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) break;
    const auto end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    at = end;
  }
  return out;
}

bool is_weekday(std::string_view word) {
  for (unsigned day = 0; day < 7; ++day) {
    if (base::equals_ignoring_case(word, base::weekday_name(day))) return true;
  }
  return false;
}

// "12:30" or "12:30:59", in seconds.
std::optional<std::int64_t> time_of_day(std::string_view word) {
  std::int64_t seconds = 0;
  std::int64_t unit = 3600;
  for (int i = 0; i < 3; ++i, unit /= 60) {
    const auto colon = word.find(':');
    const auto number = base::parse_number(word.substr(0, colon), i == 0 ? 23 : i == 1 ? 59 : 60);
    if (!number) return std::nullopt;
    seconds += static_cast<std::int64_t>(*number) * unit;
    if (colon == std::string_view::npos) return i == 0 ? std::nullopt : std::optional(seconds);
    word.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

// "+0130", in minutes.
std::optional<std::int16_t> numeric_zone(std::string_view word) {
  if (word.size() != 5 || (word[0] != '+' && word[0] != '-')) return std::nullopt;
  const auto number = base::parse_number(word.substr(1), 2359);
  if (!number || *number % 100 > 59) return std::nullopt;
  const auto minutes = static_cast<std::int16_t>(*number / 100 * 60 + *number % 100);
  return word[0] == '-' ? static_cast<std::int16_t>(-minutes) : minutes;
}

// asctime(3)'s order, with a zone before or behind the year: Sat Jan  3 01:05:34 [zone] 1996 [zone]
std::optional<DateTime> asctime_date(const std::vector<std::string_view>& words, std::size_t at) {
  if (at + 4 >= words.size() || !is_weekday(words[at])) return std::nullopt;
  const auto month = base::month_number(words[at + 1]);
  const auto day = base::parse_number(words[at + 2], 31);
  const auto time = time_of_day(words[at + 3]);
  if (month == 0 || !day || *day == 0 || !time) return std::nullopt;
  std::optional<std::uint64_t> year;
  std::int16_t zone = 0;
  for (auto i = at + 4; i < words.size() && i < at + 8; ++i) {
    if (const auto minutes = numeric_zone(words[i])) {
      zone = *minutes;
    } else if (!year && words[i].size() == 4) {
      year = base::parse_number(words[i]);
    }
  }
  if (!year) return std::nullopt;
  const auto days = base::days_from_civil(static_cast<std::int64_t>(*year), month, static_cast<unsigned>(*day));
  return DateTime{days * 86400 + *time - zone * 60, zone};
}

}  // namespace

std::optional<FromLine> parse_from_line(std::string_view line, bool allow_undated) {
  if (!line.starts_with(kFrom)) return std::nullopt;
  line.remove_prefix(kFrom.size());
  if (line.size() > 1000) return std::nullopt;
  const auto parts = words(line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (const auto date = asctime_date(parts, i)) return FromLine{date};
  }
  if (allow_undated && parts.size() <= 1) return FromLine{};
  return std::nullopt;
}

std::size_t from_quoting(std::string_view line, MboxQuoting quoting) noexcept {
  if (quoting == MboxQuoting::none || !line.starts_with('>')) return 0;
  const auto marks = line.find_first_not_of('>');
  if (marks == std::string_view::npos || !line.substr(marks).starts_with(kFrom)) return 0;
  return quoting == MboxQuoting::mboxrd || marks == 1 ? 1 : 0;
}

MboxFlags mbox_flags(std::string_view header) {
  MboxFlags out;
  const auto letters = [&](std::string_view field, auto&& visit) {
    if (const auto found = message::find_field(header, field)) {
      for (const char c : base::trim(found->value)) visit(c);
    }
  };
  const auto set = [&](char c) {
    switch (c) {
      case 'R':
        out.flags |= Flag::seen;
        break;
      case 'A':
        out.flags |= Flag::answered;
        break;
      case 'F':
        out.flags |= Flag::flagged;
        break;
      case 'D':
        out.flags |= Flag::deleted;
        break;
      case 'T':
        out.flags |= Flag::draft;
        break;
      default:
        break;
    }
  };
  letters("Status", set);
  letters("X-Status", set);
  if (const auto field = message::find_field(header, "X-Mozilla-Status")) {
    const auto text = base::trim(field->value);
    unsigned bits = 0;
    std::from_chars(text.data(), text.data() + text.size(), bits, 16);
    if ((bits & 0x1U) != 0) out.flags |= Flag::seen;
    if ((bits & 0x2U) != 0) out.flags |= Flag::answered;
    if ((bits & 0x4U) != 0) out.flags |= Flag::flagged;
    if ((bits & 0x8U) != 0) out.flags |= Flag::deleted;  // expunged there, the file not yet compacted
  }
  if (const auto field = message::find_field(header, "X-Keywords")) {
    for (const auto word : words(field->value)) out.keywords.emplace_back(word);
  }
  return out;
}

MboxIds mbox_ids(std::string_view header) {
  constexpr Uid kGreatest = 0xFFFFFFFEU;
  MboxIds out;
  if (const auto field = message::find_field(header, "X-UID")) {
    out.uid = static_cast<Uid>(base::parse_number(base::trim(field->value), kGreatest).value_or(0));
  }
  if (const auto field = message::find_field(header, "X-UIDL")) {
    const auto uidl = base::trim(field->value);
    if (check_uidl(uidl)) out.uidl = uidl;
  }
  return out;
}

MboxBase mbox_base(std::string_view header) {
  MboxBase out;
  auto field = message::find_field(header, "X-IMAPbase");
  if (!field) {
    field = message::find_field(header, "X-IMAP");
    const auto subject = message::find_field(header, "Subject");
    out.is_pseudo_message = field && subject && base::trim(subject->value).starts_with("DON'T DELETE THIS MESSAGE");
  }
  if (!field) return out;
  const auto parts = words(field->value);
  if (parts.size() < 2) return out;
  out.uid_validity = static_cast<UidValidity>(base::parse_number(parts[0], 0xFFFFFFFFU).value_or(0));
  out.last_uid = static_cast<Uid>(base::parse_number(parts[1], 0xFFFFFFFDU).value_or(0));
  return out;
}

bool is_mbox_field(std::string_view line) noexcept {
  constexpr std::string_view kNames[] = {
      "Status",         "X-Status", "X-Keywords",     "X-UID",  "X-IMAPbase", "X-Mozilla-Status", "X-Mozilla-Status2",
      "X-Mozilla-Keys", "X-IMAP",   "Content-Length", "X-UIDL", "Lines"};
  const auto name = line.substr(0, line.find(':'));
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view known) { return base::equals_ignoring_case(name, known); });
}

std::optional<DateTime> arrival_date(std::string_view header) {
  if (const auto received = message::find_field(header, "Received")) {
    const auto semicolon = received->value.rfind(';');
    if (semicolon != std::string_view::npos) {
      if (auto date = message::parse_date(received->value.substr(semicolon + 1))) return date;
    }
  }
  if (const auto date = message::find_field(header, "Date")) return message::parse_date(date->value);
  return std::nullopt;
}

std::optional<std::uint64_t> content_length(std::string_view header) {
  const auto field = message::find_field(header, "Content-Length");
  if (!field) return std::nullopt;
  return base::parse_number(base::trim(field->value));
}

}  // namespace postfach::store
