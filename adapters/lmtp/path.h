// The addresses of MAIL and RCPT (RFC 5321 §4.1.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postfach::lmtp {

struct Path {
  std::string address;  // without angle brackets and source route; empty for "<>"
  bool is_ascii = true;
};

// Takes a path off the front of text. The local part comes without quotes where it needs none, so that "alice"@x and
// alice@x are one address. A domain may be missing: accounts need not be named after one. UTF-8 is taken (RFC 6531
// §3.3); whether it may be there is for the caller to say.
std::optional<Path> take_path(std::string_view& text);

}  // namespace postfach::lmtp
