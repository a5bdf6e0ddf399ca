// COMPRESS (RFC 4978).
#pragma once

#include <optional>

#include "imap/wire/scanner.h"

namespace postfach::imap {

struct Compress {};  // by DEFLATE, the only mechanism there is

std::optional<Compress> parse_compress(Scanner& in);

}  // namespace postfach::imap
