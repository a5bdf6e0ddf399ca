#include "authenticate.h"

namespace postfach::imap {

// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]
// initial-resp = (base64 / "=")
std::optional<Authenticate> parse_authenticate(Scanner& in) {
  Authenticate command;
  if (!in.sp() || !in.upper_atom(command.mechanism)) return std::nullopt;
  if (in.skip(' ') && !in.at_end()) {
    std::string_view initial;
    if (!in.base64(initial)) return std::nullopt;
    command.initial = initial == "=" ? std::string() : std::string(initial);
  }
  if (!in.end()) return std::nullopt;
  return command;
}

}  // namespace postfach::imap
