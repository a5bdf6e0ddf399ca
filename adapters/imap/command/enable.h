// ENABLE (RFC 9051 §6.3.1, RFC 5161).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// The capabilities in capitals, known or not, each once.
std::optional<std::vector<std::string>> parse_enable(Scanner& in);

}  // namespace postfach::imap
