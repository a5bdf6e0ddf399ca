#include "parameters.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "lexer.h"

namespace postfach::message {
namespace {

// RFC 2045 §5.1 token: US-ASCII without space, controls and tspecials.
bool is_token_octet(char c) noexcept {
  const auto octet = static_cast<unsigned char>(c);
  return octet > 32 && octet < 127 && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

// An unquoted value may hold tspecials in real mail ("boundary=--=_1", "name=a/b").
bool is_value_octet(char c) noexcept { return !is_white(c) && c != ';' && c != '(' && c != '"'; }

bool is_parameter_name_octet(char c) noexcept { return is_value_octet(c) && c != '='; }

// "name*3*" of RFC 2231 §3 and §4.1.
struct Segment {
  std::string name;  // without the asterisks, lower case
  std::uint64_t index = 0;
  bool extended = false;
};

// Nothing if the parameter is no part of a continuation.
std::optional<Segment> parse_segment(std::string_view name) {
  const std::size_t star = name.find('*');
  if (star == std::string_view::npos || star + 1 == name.size()) return std::nullopt;
  Segment segment;
  segment.name = base::to_lower(name.substr(0, star));
  std::string_view index = name.substr(star + 1);
  segment.extended = index.ends_with('*');
  if (segment.extended) index.remove_suffix(1);
  const std::optional<std::uint64_t> number = base::parse_number(index, 999'999);
  if (!number) return std::nullopt;
  segment.index = *number;
  return segment;
}

// RFC 2231 §7 attribute-char, and "%" because the value may be escaped already where it should not be.
void append_escaped(std::string& out, std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : value) {
    if (is_token_octet(c) && c != '*' && c != '\'' && c != '%') {
      out.push_back(c);
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[octet >> 4U]);
      out.push_back(kDigits[octet & 15U]);
    }
  }
}

// The segments of one parameter, as positions in the list of all.
struct Continuation {
  std::vector<std::pair<Segment, std::size_t>> segments;

  bool is_whole() const noexcept {
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (segments[i].first.index != i) return false;
    }
    return true;
  }
};

// RFC 9051 §7.5.2: "baz*0", "baz*1" are sent as "baz", and "foo*0*", "foo*1*" as "foo*". The first segment's place in
// the list is kept. If a segment is missing or there twice, all stay as they are.
void join_continuations(std::vector<Parameter>& parameters) {
  std::map<std::string, Continuation> continuations;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (std::optional<Segment> segment = parse_segment(parameters[i].name)) {
      continuations[segment->name].segments.emplace_back(*segment, i);
    }
  }
  if (continuations.empty()) return;

  std::vector<bool> merged(parameters.size(), false);
  for (auto& [name, continuation] : continuations) {
    auto& segments = continuation.segments;
    const std::size_t place = segments.front().second;
    std::stable_sort(segments.begin(), segments.end(),
                     [](const auto& a, const auto& b) { return a.first.index < b.first.index; });
    if (!continuation.is_whole()) continue;
    const bool extended =
        std::any_of(segments.begin(), segments.end(), [](const auto& each) { return each.first.extended; });
    Parameter joined;
    const std::string& written = parameters[segments.front().second].name;
    joined.name = written.substr(0, written.find('*'));
    if (extended) joined.name.push_back('*');
    if (extended && !segments.front().first.extended) joined.value = "''";  // neither charset nor language
    for (const auto& [segment, position] : segments) {
      if (extended && !segment.extended) {
        append_escaped(joined.value, parameters[position].value);
      } else {
        joined.value.append(parameters[position].value);
      }
      merged[position] = true;
    }
    parameters[place] = std::move(joined);
    merged[place] = false;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (merged[i]) continue;
    if (kept != i) parameters[kept] = std::move(parameters[i]);
    ++kept;
  }
  parameters.resize(kept);
}

std::vector<Parameter> parse_parameters(Lexer& lexer, std::size_t most) {
  std::vector<Parameter> parameters;
  while (parameters.size() < most) {
    lexer.skip_to(';');  // what stands before it is no part of the syntax
    if (!lexer.accept(';')) break;
    lexer.skip_cfws();
    Parameter parameter;
    parameter.name = lexer.take_while(is_parameter_name_octet);
    lexer.skip_cfws();
    if (parameter.name.empty() || !lexer.accept('=')) continue;
    lexer.skip_cfws();
    if (lexer.peek() == '"') {
      lexer.quoted_string_or_rest(parameter.value);
    } else {
      parameter.value = lexer.take_while(is_value_octet);
    }
    parameters.push_back(std::move(parameter));
  }
  join_continuations(parameters);
  return parameters;
}

}  // namespace

Parametrized parse_content_type(std::string_view value, std::size_t most) {
  Lexer lexer(value);
  Parametrized field;
  lexer.skip_cfws();
  field.type = lexer.take_while(is_token_octet);
  lexer.skip_cfws();
  if (lexer.accept('/')) {
    lexer.skip_cfws();
    field.subtype = lexer.take_while(is_token_octet);
  }
  if (field.type.empty() || field.subtype.empty()) return {};
  field.parameters = parse_parameters(lexer, most);
  return field;
}

Parametrized parse_content_disposition(std::string_view value, std::size_t most) {
  Lexer lexer(value);
  Parametrized field;
  lexer.skip_cfws();
  field.type = lexer.take_while(is_token_octet);
  if (!field.type.empty()) field.parameters = parse_parameters(lexer, most);
  return field;
}

const Parameter* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) noexcept {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [name](const Parameter& parameter) {
    return base::equals_ignoring_case(parameter.name, name);
  });
  return found == parameters.end() ? nullptr : &*found;
}

std::string parse_token(std::string_view value) {
  Lexer lexer(value);
  lexer.skip_cfws();
  return std::string(lexer.take_while(is_token_octet));
}

std::vector<std::string> parse_token_list(std::string_view value, std::size_t most) {
  Lexer lexer(value);
  std::vector<std::string> tokens;
  while (!lexer.done() && tokens.size() < most) {
    lexer.skip_cfws();
    const std::string_view token = lexer.take_while(is_token_octet);
    if (!token.empty()) tokens.emplace_back(token);
    lexer.skip_to(',');
    lexer.accept(',');
  }
  return tokens;
}

}  // namespace postfach::message
