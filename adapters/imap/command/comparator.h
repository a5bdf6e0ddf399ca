// COMPARATOR (RFC 5255 §4.7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// Names with wildcards of the comparators that the client would like, the best first. None: which one is active?
std::optional<std::vector<std::string>> parse_comparator(Scanner& in);

}  // namespace postfach::imap
