// The command line of the load generator.
#pragma once

#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace load {

// The cases need so many accounts; those for idle connections (bench.h) are what is beyond.
inline constexpr int kFewestUsers = 40;

struct Options {
  std::string server = "server";  // a name for the report
  // Where IMAP and POP3 are spoken over TLS from the first octet, and LMTP in clear. A case whose protocol has no
  // endpoint fails.
  std::optional<asio::ip::tcp::endpoint> imap = {};
  std::optional<asio::ip::tcp::endpoint> pop3 = {};
  std::optional<asio::ip::tcp::endpoint> lmtp = {};
  int process = 0;                   // of the server; its descendants belong to it
  std::string user_pattern = "u%d";  // accounts 1 to `users` exist, by login name and by address alike
  std::string password = "secret";
  int users = 100;
  double seconds = 5;               // that a case is measured for; one that is a single pass takes as long as it takes
  std::uint32_t messages = 10'000;  // in the mailbox that FETCH, SEARCH and STORE work on
  int connections = 0;              // instead of what the case says; 0: as it says
  std::uint64_t seed = 1;
  bool quick = false;
  std::vector<std::string> cases = {};

  std::string user(int number) const;
};

// Nothing if there is nothing to run (--help, --list, a mistake), with the exit status in `status`.
std::optional<Options> parse_options(int argc, char** argv, int& status);

}  // namespace load
