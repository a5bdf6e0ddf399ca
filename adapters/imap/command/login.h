// LOGIN (RFC 9051 §6.2.3).
#pragma once

#include <optional>
#include <string>

#include "imap/wire/scanner.h"

namespace postfach::imap {

struct Login {
  std::string user;
  std::string password;
};
std::optional<Login> parse_login(Scanner& in);

}  // namespace postfach::imap
