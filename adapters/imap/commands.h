// The table of commands: the one place that says which command is valid in which state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "imap/handlers/task.h"
#include "imap/state/context.h"
#include "imap/wire/scanner.h"

namespace postfach::imap {

// What the client is told of the selected mailbox before a command's tagged response.
enum class Sync : std::uint8_t {
  none,          // the command is about something else, or changes which mailbox is selected
  keep_numbers,  // no EXPUNGE: the client may have sent sequence numbers already (RFC 9051 §7.5.1, §5.5)
  full,
  poll,  // also if no doorbell rang
};

struct Command {
  std::string_view name;
  std::uint8_t states;  // bits of State
  Sync sync;
  // Parses the arguments and runs. Of APPEND and REPLACE: those up to the first literal.
  Outcome (*run)(Context& context, Scanner& in, std::string& out);
  // The capability that the command belongs to, which the host may have switched off; empty: it is always there.
  std::string_view capability = {};

  bool valid_in(State state) const noexcept { return (states & static_cast<std::uint8_t>(state)) != 0; }
};

// name in capitals; null if there is no such command, or if this client is not offered it.
const Command* find_command(std::string_view name, const Context& context);
// Whether it takes or answers with message sequence numbers, so that after ENABLE UIDONLY only its UID form is left.
bool uses_numbers(const Command& command) noexcept;
// Why a command is not valid now.
std::string_view wrong_state(const Command& command, State state) noexcept;

}  // namespace postfach::imap
