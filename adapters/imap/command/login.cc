#include "login.h"

namespace postfach::imap {

// login = "LOGIN" SP userid SP password
// userid, password = astring
std::optional<Login> parse_login(Scanner& in) {
  Login login;
  if (in.sp() && in.astring(login.user) && in.sp() && in.astring(login.password) && in.end()) return login;
  return std::nullopt;
}

}  // namespace postfach::imap
