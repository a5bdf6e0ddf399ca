// CANCELUPDATE (RFC 5267 §4.3.5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// The tags of the commands whose results are no longer to be updated.
std::optional<std::vector<std::string>> parse_cancel_update(Scanner& in);

}  // namespace postfach::imap
