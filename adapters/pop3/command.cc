#include "command.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::pop3 {
namespace {

constexpr std::string_view unexpected_argument = "Unexpected argument";
constexpr std::string_view number_expected = "Message number expected";

// The next argument; rest begins behind the blanks that follow it.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.find_first_not_of(' ', end), rest.size()));
  return word;
}

bool is_hex_digit(char c) noexcept {
  return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'f');
}

// 1*DIGIT; what exceeds most becomes most.
template <class Number>
std::optional<Number> parse_saturated(std::string_view text, Number most) {
  if (text.empty() || !std::ranges::all_of(text, base::is_digit)) return std::nullopt;
  return static_cast<Number>(base::parse_number(text, most).value_or(most));
}

using Parser = std::string_view (*)(std::string_view arguments, Command& command);  // returns what is wrong

// CAPA, NOOP, QUIT, RSET, STAT, STLS, UTF8
std::string_view parse_bare(std::string_view arguments, Command&) {
  return base::trim(arguments).empty() ? std::string_view() : unexpected_argument;
}

// "DELE" SP msg, "RETR" SP msg
std::string_view parse_message(std::string_view arguments, Command& command) {
  std::string_view rest = base::trim(arguments);
  command.message = parse_saturated(take_word(rest), UINT32_MAX);
  if (!command.message) return number_expected;
  return rest.empty() ? std::string_view() : unexpected_argument;
}

// "LIST" [SP msg], "UIDL" [SP msg]
std::string_view parse_optional_message(std::string_view arguments, Command& command) {
  if (base::trim(arguments).empty()) return {};
  return parse_message(arguments, command);
}

// "TOP" SP msg SP n
std::string_view parse_top(std::string_view arguments, Command& command) {
  std::string_view rest = base::trim(arguments);
  command.message = parse_saturated(take_word(rest), UINT32_MAX);
  if (!command.message) return number_expected;
  const auto lines = parse_saturated(take_word(rest), UINT64_MAX);
  if (!lines) return "Number of lines expected";
  command.lines = *lines;
  return rest.empty() ? std::string_view() : unexpected_argument;
}

// "USER" SP name
std::string_view parse_user(std::string_view arguments, Command& command) {
  command.text = base::trim(arguments);
  if (command.text.empty()) return "Name expected";
  if (std::ranges::any_of(command.text, base::is_ctl) || !base::is_utf8(command.text)) return "Bad character in name";
  return {};
}

// "APOP" SP name SP digest. A name may hold blanks, the digest is 32 hexadecimal digits.
std::string_view parse_apop(std::string_view arguments, Command& command) {
  constexpr std::size_t digest_size = 32;
  const std::string_view text = base::trim(arguments);
  const std::size_t blank = text.rfind(' ');
  if (blank == std::string_view::npos) return "Name and digest expected";
  command.digest = text.substr(blank + 1);
  if (command.digest.size() != digest_size || !std::ranges::all_of(command.digest, is_hex_digit)) {
    return "Digest of 32 hexadecimal digits expected";
  }
  return parse_user(text.substr(0, blank), command);
}

// "LANG" [SP language-range] (RFC 6856 §3.2)
std::string_view parse_lang(std::string_view arguments, Command& command) {
  std::string_view rest = base::trim(arguments);
  command.text = take_word(rest);
  return rest.empty() ? std::string_view() : unexpected_argument;
}

// "PASS" SP password. All behind the first blank belongs to the password. An empty one is refused here, as
// RFC 4616 §2 does for PLAIN: some user databases take it for an anonymous login.
std::string_view parse_pass(std::string_view arguments, Command& command) {
  command.text = arguments;
  if (command.text.empty()) return "Password expected";
  // RFC 6856 §2.2 wants UTF-8.
  if (command.text.find('\0') != std::string_view::npos || !base::is_utf8(command.text))
    return "Bad character in password";
  return {};
}

// "AUTH" [SP mechanism [SP initial-response]] (RFC 5034 §4; without a mechanism: a list of them)
std::string_view parse_auth(std::string_view arguments, Command& command) {
  std::string_view rest = base::trim(arguments);
  command.text = take_word(rest);
  if (!rest.empty()) command.initial_response = take_word(rest);
  return rest.empty() ? std::string_view() : unexpected_argument;
}

struct VerbRow {
  std::string_view keyword;
  Verb verb;
  Parser parse;
};
constexpr std::array kVerbRows = {
    VerbRow{"APOP", Verb::apop, parse_apop},
    VerbRow{"AUTH", Verb::auth, parse_auth},
    VerbRow{"CAPA", Verb::capa, parse_bare},
    VerbRow{"DELE", Verb::dele, parse_message},
    VerbRow{"LANG", Verb::lang, parse_lang},
    VerbRow{"LIST", Verb::list, parse_optional_message},
    VerbRow{"NOOP", Verb::noop, parse_bare},
    VerbRow{"PASS", Verb::pass, parse_pass},
    VerbRow{"QUIT", Verb::quit, parse_bare},
    VerbRow{"RETR", Verb::retr, parse_message},
    VerbRow{"RSET", Verb::rset, parse_bare},
    VerbRow{"STAT", Verb::stat, parse_bare},
    VerbRow{"STLS", Verb::stls, parse_bare},
    VerbRow{"TOP", Verb::top, parse_top},
    VerbRow{"UIDL", Verb::uidl, parse_optional_message},
    VerbRow{"USER", Verb::user, parse_user},
    VerbRow{"UTF8", Verb::utf8, parse_bare},
};

}  // namespace

ParsedCommand parse_command(std::string_view line) {
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view keyword = line.substr(0, end);
  const std::string_view arguments = line.substr(std::min(end + 1, line.size()));
  const auto row = std::ranges::find_if(
      kVerbRows, [&](const VerbRow& each) { return base::equals_ignoring_case(each.keyword, keyword); });
  if (row == kVerbRows.end()) return {.command = {}, .problem = "Unknown command"};
  Command command{.verb = row->verb};
  if (const std::string_view problem = row->parse(arguments, command); !problem.empty()) {
    return {.command = {}, .problem = problem};
  }
  if (row->verb != Verb::auth && line.size() + 2 > max_command_line) {
    return {.command = {}, .problem = "Command line too long"};
  }
  return {.command = command};
}

}  // namespace postfach::pop3
