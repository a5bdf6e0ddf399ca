// AUTHENTICATE (RFC 9051 §6.2.2) with an initial response (RFC 4959).
#pragma once

#include <optional>
#include <string>

#include "imap/wire/scanner.h"

namespace postfach::imap {

struct Authenticate {
  std::string mechanism;               // in capitals
  std::optional<std::string> initial;  // in base64 as sent; empty for "=", which is an initial response of no octets
};
std::optional<Authenticate> parse_authenticate(Scanner& in);

}  // namespace postfach::imap
