// What happens inside, for the host's log and counters.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace postfach {

enum class Severity : unsigned char { debug, info, warning, error };

// One structured record. `event` is a stable name ("login", "login_failed", "delivered", "account_corrupt");
// the others may be empty. No record holds a password or message content.
struct LogRecord {
  Severity severity = Severity::info;
  std::string_view event;
  std::string_view account;  // its name
  std::string_view remote;   // the peer's address
  std::string_view detail;   // a sentence for operators
};

// Called from any thread, with no lock held; must be quick and thread safe and must not throw.
using Observer = std::function<void(const LogRecord&)>;

}  // namespace postfach
