// STORE and UID STORE (RFC 9051 §6.4.6).
#pragma once

#include <optional>

#include "imap/wire/scanner.h"
#include "postfach/mailbox.h"

namespace postfach::imap {

struct StoreFlags {
  NumberSet messages;
  FlagChange change = FlagChange::set;
  bool silent = false;
  FlagList flags;
};
std::optional<StoreFlags> parse_store(Scanner& in);

}  // namespace postfach::imap
