// STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "imap/wire/scanner.h"
#include "postfach/mailbox.h"

namespace postfach::imap {

struct StoreFlags {
  NumberSet messages;
  std::optional<ModSeq> unchanged_since = {};
  FlagChange change = FlagChange::set;
  bool silent = false;
  FlagList flags;
};
std::optional<StoreFlags> parse_store(Scanner& in);

// Whether the text of a command is one of these; and whether it has modifiers.
enum class StoreLook : std::uint8_t { other, plain, conditional };
StoreLook look_for_store(std::string_view text) noexcept;

}  // namespace postfach::imap
