// APPEND up to its literal (RFC 9051 §6.3.12). The message itself never is part of a command's text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// What a literal belongs to, from the text of the command at its announcement.
enum class LiteralUse : std::uint8_t {
  argument,        // of any command, also the mailbox name of APPEND: keep it
  append_message,  // the message of an APPEND: stream it
};
LiteralUse literal_use(std::string_view text) noexcept;

struct Append {
  std::string mailbox;
  FlagList flags;
  std::optional<DateTime> internal_date;
  std::uint64_t size = 0;  // of the message
};
// The text ends with the announcement of the message's literal.
std::optional<Append> parse_append(Scanner& in);

}  // namespace postfach::imap
