// COPY, MOVE (RFC 9051 §6.4.7, §6.4.8; RFC 6851) and UID EXPUNGE (RFC 4315 §2.1).
#pragma once

#include <optional>
#include <string>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// The same for COPY, MOVE and their UID forms.
struct Copy {
  NumberSet messages;
  std::string mailbox;
};
std::optional<Copy> parse_copy(Scanner& in);

std::optional<NumberSet> parse_uid_expunge(Scanner& in);

}  // namespace postfach::imap
