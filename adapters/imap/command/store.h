// STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3).
#pragma once

#include <optional>

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

}  // namespace postfach::imap
