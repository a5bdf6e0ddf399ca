// Limits and usage of an account.
#pragma once

#include <cstdint>
#include <optional>

namespace postfach {

// Enforced inside the transaction that stores a message: usage never exceeds a limit because of two writers at once.
// A limit below the present usage is allowed: it stops new mail and never removes any.
struct Quota {
  std::optional<std::uint64_t> bytes = {};     // sum of message sizes over all mailboxes; none: unlimited
  std::optional<std::uint64_t> messages = {};  // number of messages over all mailboxes; none: unlimited
};

struct Usage {
  std::uint64_t bytes = 0;  // each copy counts, as RFC 9208 §5.1 and every other server do
  std::uint64_t messages = 0;
};

}  // namespace postfach
