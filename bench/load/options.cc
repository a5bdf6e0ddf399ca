#include "options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "cases.h"

namespace load {
namespace {

// "127.0.0.1:1993" or "[::1]:1993".
std::string read_endpoint(const std::string& text, std::optional<asio::ip::tcp::endpoint>& endpoint) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return text + " is not ADDRESS:PORT";
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  unsigned short port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  asio::error_code bad;
  const auto address = asio::ip::make_address(host, bad);
  if (error != std::errc() || stop != end || bad) return text + " is not ADDRESS:PORT";
  endpoint.emplace(address, port);
  return {};
}

void list_cases() {
  for (const Case& each : all_cases()) fmt::print("{:<22} {:<11} {}\n", each.name, each.unit, each.explanation);
}

}  // namespace

std::string Options::user(int number) const {
  const auto place = user_pattern.find("%d");
  if (place == std::string::npos) return user_pattern;
  return user_pattern.substr(0, place) + std::to_string(number) + user_pattern.substr(place + 2);
}

std::optional<Options> parse_options(int argc, char** argv, int& status) {
  Options options;
  bool list = false;
  CLI::App app{
      "Puts load on a mail server and prints, for each case, one line of JSON: operations, the CPU time of server and "
      "client for each, latencies, memory.\nThe accounts must exist; what is in them may be changed or deleted.",
      "postfach_load"};
  const auto endpoint = [&](const char* name, std::optional<asio::ip::tcp::endpoint>& where, const char* text) {
    app.add_option_function<std::string>(
        name,
        [&where, name](const std::string& value) {
          if (const std::string wrong = read_endpoint(value, where); !wrong.empty()) {
            throw CLI::ValidationError(name, wrong);
          }
        },
        text);
  };
  app.add_option("--server", options.server, "Name of the server in the report")->capture_default_str();
  endpoint("--imap", options.imap, "Address and port of IMAP over TLS");
  endpoint("--pop3", options.pop3, "Address and port of POP3 over TLS");
  endpoint("--lmtp", options.lmtp, "Address and port of LMTP, in clear");
  app.add_option("--process", options.process, "Process of the server, whose descendants are measured, too");
  app.add_option("--user-pattern", options.user_pattern, "Login names and addresses of the accounts")
      ->capture_default_str();
  app.add_option("--password", options.password, "Password of all accounts")->capture_default_str();
  app.add_option("--users", options.users, "Accounts: 1 to this number")
      ->check(CLI::Range(kFewestUsers, 1'000'000))
      ->capture_default_str();
  app.add_flag("--quick", options.quick, "2 seconds and 2,000 messages, unless they are given");
  auto* seconds = app.add_option("--seconds", options.seconds, "How long a case is measured")
                      ->check(CLI::PositiveNumber)
                      ->capture_default_str();
  auto* messages = app.add_option("--messages", options.messages, "Messages in the mailbox that is read and searched")
                       ->check(CLI::Range(1'000, 1'000'000))
                       ->capture_default_str();
  app.add_option("--connections", options.connections, "Connections, instead of the case's own number")
      ->check(CLI::Range(1, 1'000));
  app.add_option("--seed", options.seed, "Of the messages")->capture_default_str();
  app.add_flag("--list", list, "Show the cases");
  app.add_option("CASE", options.cases, "What to measure, in this order");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    status = app.exit(error) == 0 ? 0 : 64;
    return std::nullopt;
  }
  status = 0;
  if (list) {
    list_cases();
    return std::nullopt;
  }
  if (options.quick && seconds->empty()) options.seconds = 2;
  if (options.quick && messages->empty()) options.messages = 2'000;
  status = 64;
  if (options.process <= 0 || options.cases.empty()) {
    fmt::print(stderr, "postfach_load: --process and a case are needed; --list shows the cases\n");
    return std::nullopt;
  }
  for (const std::string& name : options.cases) {
    if (find_case(name) == nullptr) {
      fmt::print(stderr, "postfach_load: there is no case {}\n", name);
      return std::nullopt;
    }
  }
  status = 0;
  return options;
}

}  // namespace load
