#include "command.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::lmtp {
namespace {

constexpr Reply kNoArguments{501, "5.5.4", "Unexpected argument"};
constexpr Reply kBadSender{501, "5.1.7", "Bad sender address"};
constexpr Reply kBadRecipient{501, "5.1.3", "Bad recipient address"};
constexpr Reply kBadParameter{501, "5.5.4", "Bad parameter"};
constexpr Reply kUnknownParameter{555, "5.5.4", "Unsupported parameter"};  // RFC 5321 §4.1.1.11

// Up to the next blank; rest begins behind the blanks that follow it.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.find_first_not_of(' ', end), rest.size()));
  return word;
}

std::optional<std::uint64_t> parse_saturated(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), base::is_digit)) return std::nullopt;
  return base::parse_number(text).value_or(UINT64_MAX);
}

using Problem = std::optional<Reply>;
using Parser = Problem (*)(std::string_view arguments, Command& command);

Problem parse_bare(std::string_view arguments, Command&) {
  return arguments.empty() ? Problem() : Problem(kNoArguments);
}

// NOOP, HELP, VRFY: what follows is of no interest (RFC 5321 §4.1.1.9).
Problem parse_any(std::string_view, Command&) { return std::nullopt; }

// "LHLO" SP ( Domain / address-literal ). Goes into a Received field: nothing that could end it or be a comment.
Problem parse_lhlo(std::string_view arguments, Command& command) {
  constexpr std::string_view kOthers = ".-_[]:";
  const bool is_name =
      !arguments.empty() && arguments.size() <= 255 && std::all_of(arguments.begin(), arguments.end(), [&](char c) {
        return base::is_alpha(c) || base::is_digit(c) || kOthers.find(c) != std::string_view::npos ||
               static_cast<unsigned char>(c) >= 0x80;
      });
  if (!is_name || !base::is_utf8(arguments)) return Reply{501, "5.5.4", "Name of the client expected"};
  command.text = arguments;
  return std::nullopt;
}

// One esmtp-param of MAIL. given: bits of those that were there.
Problem parse_mail_parameter(std::string_view parameter, Command& command, unsigned& given) {
  const std::size_t equals = std::min(parameter.find('='), parameter.size());
  const std::string_view name = parameter.substr(0, equals);
  const bool has_value = equals < parameter.size();
  const std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
  const auto is = [&](std::string_view other) { return base::equals_ignoring_case(name, other); };
  const auto once = [&](unsigned bit) {
    const bool is_first = (given & bit) == 0;
    given |= bit;
    return is_first;
  };
  if (is("SIZE")) {  // RFC 1870 §4
    const auto size = parse_saturated(value);
    if (!size || !once(1)) return kBadParameter;
    command.size = *size;
    return std::nullopt;
  }
  if (is("BODY")) {
    constexpr std::array<std::string_view, 3> kBodies = {"7BIT", "8BITMIME", "BINARYMIME"};
    const auto body = std::find_if(kBodies.begin(), kBodies.end(),
                                   [&](std::string_view each) { return base::equals_ignoring_case(value, each); });
    if (body == kBodies.end() || !once(2)) return kBadParameter;
    command.body = static_cast<Body>(body - kBodies.begin());
    return std::nullopt;
  }
  if (is("SMTPUTF8")) {
    if (has_value || !once(4)) return kBadParameter;
    command.is_utf8 = true;
    return std::nullopt;
  }
  return kUnknownParameter;
}

// Takes "FROM:" or "TO:" and the path.
bool take_address(std::string_view& arguments, std::string_view keyword, Command& command) {
  if (!base::starts_with_ignoring_case(arguments, keyword)) return false;
  arguments.remove_prefix(keyword.size());
  arguments.remove_prefix(std::min(arguments.find_first_not_of(' '), arguments.size()));
  auto path = take_path(arguments);
  if (!path || (!arguments.empty() && arguments.front() != ' ')) return false;
  command.path = *std::move(path);
  arguments = base::trim(arguments);
  return true;
}

// "MAIL FROM:" Reverse-path [SP Mail-parameters]
Problem parse_mail(std::string_view arguments, Command& command) {
  if (!take_address(arguments, "FROM:", command)) return kBadSender;
  unsigned given = 0;
  while (!arguments.empty()) {
    if (auto problem = parse_mail_parameter(take_word(arguments), command, given)) return problem;
  }
  return std::nullopt;
}

// "RCPT TO:" Forward-path. No extension that we offer has parameters for it.
Problem parse_rcpt(std::string_view arguments, Command& command) {
  if (!take_address(arguments, "TO:", command) || command.path.address.empty()) return kBadRecipient;
  return arguments.empty() ? Problem() : Problem(kUnknownParameter);
}

// "BDAT" SP chunk-size [ SP "LAST" ]
Problem parse_bdat(std::string_view arguments, Command& command) {
  const auto size = parse_saturated(take_word(arguments));
  command.is_last = base::equals_ignoring_case(arguments, "LAST");
  if (!size || (!arguments.empty() && !command.is_last)) return Reply{501, "5.5.4", "Size of a chunk expected"};
  command.chunk_size = *size;
  return std::nullopt;
}

struct Row {
  std::string_view name;
  Verb verb;
  Parser parse;
};
constexpr Row kRows[] = {
    {"BDAT", Verb::bdat, parse_bdat}, {"DATA", Verb::data, parse_bare}, {"EHLO", Verb::helo, parse_any},
    {"HELO", Verb::helo, parse_any},  {"HELP", Verb::help, parse_any},  {"LHLO", Verb::lhlo, parse_lhlo},
    {"MAIL", Verb::mail, parse_mail}, {"NOOP", Verb::noop, parse_any},  {"QUIT", Verb::quit, parse_bare},
    {"RCPT", Verb::rcpt, parse_rcpt}, {"RSET", Verb::rset, parse_bare}, {"STARTTLS", Verb::starttls, parse_bare},
    {"VRFY", Verb::vrfy, parse_any},
};

}  // namespace

ParsedCommand parse_command(std::string_view line) {
  std::string_view arguments = line.substr(0, line.find_last_not_of(" \t") + 1);
  const std::string_view name = take_word(arguments);
  const auto row = std::find_if(std::begin(kRows), std::end(kRows),
                                [&](const Row& each) { return base::equals_ignoring_case(each.name, name); });
  if (row == std::end(kRows)) return {{}, {500, "5.5.1", "Unknown command"}};
  Command command{.verb = row->verb};
  if (const Problem problem = row->parse(arguments, command)) return {{}, *problem, row->verb == Verb::bdat};
  return {std::move(command)};
}

}  // namespace postfach::lmtp
