#include "scanner.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/time.h"
#include "base/utf7.h"
#include "base/utf8.h"

namespace postfach::imap {
namespace {

// Keywords in one flag list; a mailbox has 64 at most.
constexpr std::size_t kMaxKeywords = 128;

constexpr std::uint64_t kMaxNumber64 = 9'223'372'036'854'775'807ULL;  // RFC 9051 §9 number64

unsigned days_in_month(std::int64_t year, unsigned month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

}  // namespace

bool is_atom_char(char c) noexcept {
  if (base::is_ctl(c) || static_cast<unsigned char>(c) >= 0x80) return false;
  switch (c) {
    case '(':
    case ')':
    case '{':
    case ' ':
    case '%':
    case '*':
    case '"':
    case '\\':
    case ']':
      return false;
    default:
      return true;
  }
}

bool is_astring_char(char c) noexcept { return is_atom_char(c) || c == ']'; }
bool is_tag_char(char c) noexcept { return is_astring_char(c) && c != '+'; }

bool is_atom(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_atom_char);
}

bool Scanner::fail(std::string_view error) noexcept {
  if (error_.empty()) error_ = error;
  return false;
}

bool Scanner::skip(char c) noexcept {
  if (!at(c)) return false;
  ++position_;
  return true;
}

bool Scanner::prefix(std::string_view keyword) noexcept {
  if (failed() || !base::starts_with_ignoring_case(rest(), keyword)) return false;
  position_ += keyword.size();
  return true;
}

bool Scanner::word(std::string_view keyword) noexcept {
  const std::size_t start = position_;
  if (!prefix(keyword)) return false;
  if (at_end() || !is_atom_char(text_[position_])) return true;
  position_ = start;
  return false;
}

bool Scanner::sp() noexcept {
  return !failed() && (skip(' ') || fail(at_end() ? "Missing argument" : "Space expected"));
}

bool Scanner::expect(char c) noexcept {
  if (failed()) return false;
  if (skip(c)) return true;
  switch (c) {
    case '(':
      return fail("Opening parenthesis expected");
    case ')':
      return fail("Closing parenthesis expected");
    case ']':
      return fail("Closing bracket expected");
    case '>':
      return fail("Closing angle bracket expected");
    default:
      return fail("Unexpected character");
  }
}

bool Scanner::end() noexcept {
  if (failed()) return false;
  while (skip(' ')) {
  }
  return at_end() || fail("Unexpected text behind the command");
}

bool Scanner::atom(std::string_view& out) noexcept {
  if (failed()) return false;
  const std::size_t start = position_;
  while (!at_end() && is_atom_char(text_[position_])) ++position_;
  out = text_.substr(start, position_ - start);
  return !out.empty() || fail("Atom expected");
}

bool Scanner::upper_atom(std::string& out, std::size_t most) {
  std::string_view name;
  if (!atom(name)) return false;
  if (name.size() > most) return fail("Name too long");
  out = base::to_upper(name);
  return true;
}

bool Scanner::astring(std::string& out) {
  if (failed()) return false;
  if (at('"') || at('{')) return string(out);
  const std::size_t start = position_;
  while (!at_end() && is_astring_char(text_[position_])) ++position_;
  out.assign(text_, start, position_ - start);
  return !out.empty() || fail("String expected");
}

bool Scanner::string(std::string& out) {
  if (failed()) return false;
  if (at('"')) return quoted(out);
  if (at('{')) return literal(out);
  return fail("String expected");
}

bool Scanner::nstring(std::string& out, bool& nil) {
  nil = word("NIL");
  return nil || string(out);
}

bool Scanner::charset(std::string& out) { return astring(out); }

bool Scanner::quoted(std::string& out) {
  out.clear();
  ++position_;  // the opening quote
  bool has_8bit = false;
  for (;;) {
    // Whole stretches at once: most strings have no escape.
    const std::size_t start = position_;
    while (!at_end() && text_[position_] != '"' && text_[position_] != '\\' && text_[position_] != '\r' &&
           text_[position_] != '\n' && text_[position_] != '\0') {
      has_8bit |= static_cast<unsigned char>(text_[position_]) >= 0x80;
      ++position_;
    }
    out.append(text_, start, position_ - start);
    if (skip('"')) break;
    if (!skip('\\')) return fail("Quoted string is not closed");
    if (!at('"') && !at('\\')) return fail("Invalid escape in quoted string");
    out += text_[position_++];
  }
  // RFC 3501 §9 has only 7-bit TEXT-CHAR here. Clients send names, passwords and search texts as they were typed, and
  // what they mean is plain: refusing it would only lock their users out.
  if (has_8bit && utf8_ && !base::is_utf8(out)) return fail("Invalid UTF-8 in quoted string");
  return true;
}

bool Scanner::announcement(std::uint64_t& size, std::size_t& after) const noexcept {
  const std::size_t close = text_.find('}', position_);
  if (!at('{') || close == std::string_view::npos) return false;
  std::string_view digits = text_.substr(position_ + 1, close - position_ - 1);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), base::is_digit)) return false;
  size = base::parse_number(digits).value_or(UINT64_MAX);
  after = close + 1;
  return true;
}

bool Scanner::literal(std::string& out) {
  std::uint64_t size = 0;
  std::size_t after = 0;
  if (!announcement(size, after) || text_.substr(after, 2) != "\r\n" || size > text_.size() - after - 2) {
    return fail("Invalid literal");
  }
  const std::string_view octets = text_.substr(after + 2, static_cast<std::size_t>(size));
  if (octets.find('\0') != std::string_view::npos) return fail("NUL in literal");
  out = octets;
  position_ = after + 2 + octets.size();
  return true;
}

bool Scanner::literal_announcement(std::uint64_t& size) noexcept {
  if (failed()) return false;
  skip('~');
  std::size_t after = 0;
  if (!announcement(size, after) || after != text_.size()) return fail("Literal expected");
  position_ = after;
  return true;
}

bool Scanner::base64(std::string_view& out) noexcept {
  if (failed()) return false;
  const std::size_t start = position_;
  while (!at_end() && (base::is_alpha(text_[position_]) || base::is_digit(text_[position_]) ||
                       text_[position_] == '+' || text_[position_] == '/' || text_[position_] == '=')) {
    ++position_;
  }
  out = text_.substr(start, position_ - start);
  return !out.empty() || fail("Base64 expected");
}

bool Scanner::number64(std::uint64_t& out) noexcept {
  if (failed()) return false;
  const std::size_t start = position_;
  while (!at_end() && base::is_digit(text_[position_])) ++position_;
  const std::string_view digits = text_.substr(start, position_ - start);
  if (digits.empty()) return fail("Number expected");
  const auto number = base::parse_number(digits, kMaxNumber64);
  if (!number) return fail("Number too large");
  out = *number;
  return true;
}

bool Scanner::nz_number64(std::uint64_t& out) noexcept {
  if (at('0')) return fail("Number must not begin with 0");
  return number64(out);
}

bool Scanner::number(std::uint32_t& out) noexcept {
  std::uint64_t wide = 0;
  if (!number64(wide)) return false;
  if (wide > UINT32_MAX) return fail("Number too large");
  out = static_cast<std::uint32_t>(wide);
  return true;
}

bool Scanner::nz_number(std::uint32_t& out) noexcept {
  if (at('0')) return fail("Number must not begin with 0");
  return number(out);
}

bool Scanner::sequence_set(NumberSet& out) {
  if (may_be_saved_result_ && skip('$')) {
    out = NumberSet::saved_result();
    return true;
  }
  const auto seq_number = [this](std::uint32_t& number) {
    number = NumberSet::kStar;
    return skip('*') || nz_number(number);
  };
  do {
    std::uint32_t first = 0;
    if (!seq_number(first)) return false;
    std::uint32_t last = first;
    if (skip(':') && !seq_number(last)) return false;
    if (!out.add(first, last)) return fail("Too many ranges in message set");
  } while (skip(','));
  return out.finish() || fail("Too many ranges in message set");
}

bool Scanner::mailbox_as_written(std::string& out) {
  std::string raw;
  if (!astring(raw)) return false;
  if (utf8_) {
    if (!base::is_utf8(raw)) return fail("Mailbox name is not valid UTF-8");
    out = std::move(raw);
    return true;
  }
  auto name = base::utf7_decode(raw);
  if (!name) return fail("Mailbox name is not valid modified UTF-7");
  out = std::move(*name);
  return true;
}

bool Scanner::mailbox(std::string& out) {
  if (!mailbox_as_written(out)) return false;
  if (base::equals_ignoring_case(out, "INBOX")) out = "INBOX";
  return true;
}

bool Scanner::list_mailbox(std::optional<std::string>& out) {
  if (failed()) return false;
  std::string raw;
  if (at('"') || at('{')) {
    if (!string(raw)) return false;
  } else {
    const std::size_t start = position_;
    while (!at_end() && (is_astring_char(text_[position_]) || text_[position_] == '%' || text_[position_] == '*')) {
      ++position_;
    }
    raw.assign(text_, start, position_ - start);
    if (raw.empty()) return fail("Mailbox pattern expected");
  }
  if (!utf8_) {
    out = base::utf7_decode(raw);
  } else if (base::is_utf8(raw)) {
    out = std::move(raw);
  } else {
    out.reset();
  }
  return true;
}

bool Scanner::keyword(std::string& out) {
  std::string_view name;
  if (!atom(name)) return false;
  out = name;
  return true;
}

bool Scanner::flag(FlagList& out) {
  if (skip('\\')) {
    std::string_view name;
    if (!atom(name)) return false;
    const auto is = [name](std::string_view other) { return base::equals_ignoring_case(name, other); };
    if (is("Seen")) {
      out.flags |= Flag::seen;
    } else if (is("Answered")) {
      out.flags |= Flag::answered;
    } else if (is("Flagged")) {
      out.flags |= Flag::flagged;
    } else if (is("Deleted")) {
      out.flags |= Flag::deleted;
    } else if (is("Draft")) {
      out.flags |= Flag::draft;
    } else if (!is("Recent")) {
      return fail("Unknown system flag");
    }
    return true;
  }
  std::string name;
  if (!keyword(name)) return false;
  const bool known = std::any_of(out.keywords.begin(), out.keywords.end(),
                                 [&name](const std::string& other) { return base::equals_ignoring_case(name, other); });
  if (known) return true;
  if (out.keywords.size() == kMaxKeywords) return fail("Too many keywords");
  out.keywords.push_back(std::move(name));
  return true;
}

bool Scanner::flag_list(FlagList& out) {
  if (!expect('(')) return false;
  if (skip(')')) return true;
  do {
    if (!flag(out)) return false;
  } while (skip(' '));
  return expect(')');
}

bool Scanner::bare_flags(FlagList& out) {
  do {
    if (!flag(out)) return false;
  } while (skip(' ') && !at_end());
  return end();
}

bool Scanner::date(std::int64_t& days) {
  if (failed()) return false;
  const bool has_quotes = skip('"');
  const auto digits = [this](std::size_t least, std::size_t most, unsigned& value) {
    std::size_t count = 0;
    value = 0;
    for (; count < most && !at_end() && base::is_digit(text_[position_]); ++count) {
      value = value * 10 + static_cast<unsigned>(text_[position_++] - '0');
    }
    return count >= least;
  };
  unsigned day = 0;
  unsigned year = 0;
  if (!digits(1, 2, day) || !skip('-')) return fail("Invalid date");
  const unsigned month = base::month_number(rest().substr(0, 3));
  if (month == 0) return fail("Invalid date");
  position_ += 3;
  if (!skip('-') || !digits(4, 4, year) || (has_quotes && !skip('"'))) return fail("Invalid date");
  if (day == 0 || day > days_in_month(year, month)) return fail("Invalid date");
  days = base::days_from_civil(year, month, day);
  return true;
}

bool Scanner::date_time(DateTime& out) {
  std::string text;
  if (!at('"') || !quoted(text)) return fail("Date and time expected");
  const auto time = base::parse_internal_date(text);
  if (!time) return fail("Invalid date and time");
  out = *time;
  return true;
}

}  // namespace postfach::imap
