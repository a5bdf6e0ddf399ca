// ID (RFC 2971).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "imap/wire/scanner.h"

namespace postfach::imap {

struct Id {
  // RFC 2971 §3.3: at most 30 pairs, names of 30 and values of 1024 octets. What is longer is cut, what is
  // more is dropped: some clients send it, and nothing depends on it.
  static constexpr std::size_t kMaxPairs = 30;
  static constexpr std::size_t kMaxName = 30;
  static constexpr std::size_t kMaxValue = 1024;

  std::vector<std::pair<std::string, std::optional<std::string>>> fields;  // empty for NIL and ()
};
std::optional<Id> parse_id(Scanner& in);

}  // namespace postfach::imap
