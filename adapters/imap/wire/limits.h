// What one command may cost us before it is understood. Each limit holds for whatever octets come.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postfach::imap {

struct WireLimits {
  // Octets of a command without its literals, and of a line in line mode.
  std::size_t line;
  // Octets of one literal that is kept in memory. The message of an APPEND is streamed and not subject to it.
  std::size_t literal;
  // Octets of all literals of one command that are kept in memory.
  std::size_t literals_total;
  // Literals of one command; each costs a line and an answer.
  std::size_t literal_count;
  // Octets of a non-synchronising literal: 4096 where LITERAL- is announced (RFC 7888 §5), no limit with
  // LITERAL+.
  std::uint64_t non_sync_literal;
};

// A stranger sends a name, a password, a SASL token (RFC 7888 §6 asks for small limits here), nothing else.
inline constexpr WireLimits kLimitsBeforeLogin{
    .line = 8 * 1024,  // an OAuth token in one line; ten thousand strangers hold 80 MiB
    .literal = 4 * 1024,
    .literals_total = 8 * 1024,
    .literal_count = 8,
    .non_sync_literal = 4 * 1024,
};

inline constexpr WireLimits kLimitsAfterLogin{
    .line = 64 * 1024,      // UID sets of clients that synchronise large mailboxes
    .literal = 128 * 1024,  // search texts, mailbox names, ID values
    .literals_total = 1024 * 1024,
    .literal_count = 1000,
    .non_sync_literal = UINT64_MAX,  // LITERAL+
};

// Lists within lists, and SEARCH keys within keys. Clients need three or four.
inline constexpr unsigned kMaxNesting = 32;

}  // namespace postfach::imap
