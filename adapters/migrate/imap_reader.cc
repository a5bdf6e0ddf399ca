#include "imap_reader.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace postfach::migrate {
namespace {

constexpr int kMostDepth = 16;

Error nonsense(std::string_view why) {
  return {Errc::invalid_argument, "the server's answer makes no sense: " + std::string(why)};
}

bool is_status_name(std::string_view name) noexcept {
  return name == "OK" || name == "NO" || name == "BAD" || name == "BYE" || name == "PREAUTH";
}

std::string_view take_word(std::string_view& text) noexcept {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

// "{17}" or "{17+}" at the end.
std::optional<std::uint64_t> literal_size(std::string_view line) noexcept {
  if (!line.ends_with('}')) return std::nullopt;
  const auto open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  auto digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  return base::parse_number(digits, INT64_MAX);
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string>& literals) : text_(text), literals_(literals) {}

  bool values(std::vector<ImapValue>& out, int depth, bool in_list) {
    for (;;) {
      while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
      if (text_.empty()) return !in_list;
      if (text_.front() == ')') {
        text_.remove_prefix(1);
        return in_list;
      }
      if (!value(out.emplace_back(), depth)) return false;
    }
  }

 private:
  bool value(ImapValue& out, int depth) {
    switch (text_.front()) {
      case '(':
        if (depth >= kMostDepth) return false;
        text_.remove_prefix(1);
        out.kind = ImapValue::Kind::list;
        return values(out.items, depth + 1, true);
      case '"':
        out.kind = ImapValue::Kind::string;
        return quoted(out.text);
      case '{': {
        const auto close = text_.find('}');
        if (close == std::string_view::npos || next_literal_ >= literals_.size()) return false;
        text_.remove_prefix(close + 1);
        out.kind = ImapValue::Kind::string;
        out.text = std::move(literals_[next_literal_++]);
        return true;
      }
      default:
        break;
    }
    // A section in brackets belongs to its atom: BODY[HEADER.FIELDS (TO)].
    int brackets = 0;
    std::size_t end = 0;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == '[') ++brackets;
      if (c == ']' && brackets > 0) --brackets;
      if (brackets == 0 && (c == ' ' || c == '(' || c == ')')) break;
    }
    if (end == 0) return false;
    out.text = text_.substr(0, end);
    text_.remove_prefix(end);
    return true;
  }

  bool quoted(std::string& out) {
    text_.remove_prefix(1);
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
      } else if (!text_.empty()) {
        out += text_.front();
        text_.remove_prefix(1);
      }
    }
    return false;
  }

  std::string_view text_;
  std::vector<std::string>& literals_;
  std::size_t next_literal_ = 0;
};

}  // namespace

bool ImapValue::is_atom(std::string_view name) const noexcept {
  return kind == Kind::atom && base::equals_ignoring_case(text, name);
}

bool ImapResponse::is_status() const noexcept { return is_status_name(name); }

std::string_view ImapResponse::code(std::string_view wanted) const noexcept {
  std::string_view rest = text;
  if (!is_status() || !rest.starts_with('[')) return {};
  rest = rest.substr(1, rest.find(']') - 1);
  const auto word = take_word(rest);
  return base::equals_ignoring_case(word, wanted) ? rest : std::string_view();
}

Result<ImapReader::Step> ImapReader::next(std::string_view octets) {
  if (is_complete_) {
    is_complete_ = false;
    line_.clear();
    line_start_ = 0;
    literals_.clear();
    held_ = 0;
  }
  std::size_t taken = 0;
  while (taken < octets.size()) {
    const auto rest = octets.substr(taken);
    if (left_ > 0) {
      const auto piece = rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size())));
      left_ -= piece.size();
      taken += piece.size();
      if (is_message_) {
        const bool first = is_first_;
        is_first_ = false;
        return Step{Event::message, taken, piece, first};
      }
      literals_.back() += piece;
      continue;
    }
    const auto end = rest.find('\n');
    const auto piece = rest.substr(0, end == std::string_view::npos ? end : end + 1);
    held_ += piece.size();
    if (held_ > kMostOctets) return nonsense("a response is too long");
    line_ += piece;
    taken += piece.size();
    if (end == std::string_view::npos) break;
    auto complete = end_of_line();
    if (!complete) return complete.error();
    if (*complete) return Step{Event::response, taken, {}, false};
    if (left_ == 0 && is_message_ && is_first_) {  // a message without octets
      is_first_ = false;
      return Step{Event::message, taken, {}, true};
    }
  }
  return Step{Event::more, taken, {}, false};
}

// Whether the response ends here.
Result<bool> ImapReader::end_of_line() {
  line_.pop_back();
  if (line_.ends_with('\r')) line_.pop_back();
  std::string_view rest = line_;
  take_word(rest);
  // The text of a status may end in what looks like a literal.
  const auto size = is_status_name(base::to_upper(take_word(rest))) || line_.starts_with('+')
                        ? std::nullopt
                        : literal_size(std::string_view(line_).substr(line_start_));
  if (!size) {
    is_complete_ = true;
    is_message_ = false;
    if (auto parsed = parse(); !parsed) return parsed.error();
    return true;
  }
  const auto before = std::string_view(line_).substr(0, line_.rfind('{'));
  is_message_ = before.size() > 7 && base::equals_ignoring_case(before.substr(before.size() - 7), "BODY[] ");
  is_first_ = is_message_;
  left_ = *size;
  line_start_ = line_.size();
  literals_.emplace_back();
  if (!is_message_) {
    if (*size > kMostOctets - held_) return nonsense("a literal is too long");
    held_ += static_cast<std::size_t>(*size);
  }
  return false;
}

Result<void> ImapReader::parse() {
  response_ = {};
  std::string_view rest = line_;
  if (rest.starts_with('+')) {
    response_.tag = "+";
    response_.text = base::trim(rest.substr(1));
    return {};
  }
  response_.tag = take_word(rest);
  auto word = take_word(rest);
  if (const auto number = base::parse_number(word, UINT32_MAX)) {
    response_.number = static_cast<std::uint32_t>(*number);
    word = take_word(rest);
  }
  response_.name = base::to_upper(word);
  if (response_.tag.empty() || response_.name.empty()) return nonsense("an empty line");
  if (response_.is_status()) {
    response_.text = rest;
    return {};
  }
  if (!Parser(rest, literals_).values(response_.values, 0, false)) return nonsense(response_.name);
  return {};
}

}  // namespace postfach::migrate
