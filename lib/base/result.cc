#include "postfach/result.h"

namespace postfach {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::not_found:
      return "not_found";
    case Errc::already_exists:
      return "already_exists";
    case Errc::not_permitted:
      return "not_permitted";
    case Errc::auth_failed:
      return "auth_failed";
    case Errc::over_quota:
      return "over_quota";
    case Errc::limit:
      return "limit";
    case Errc::in_use:
      return "in_use";
    case Errc::unavailable:
      return "unavailable";
    case Errc::corrupt:
      return "corrupt";
    case Errc::newer_schema:
      return "newer_schema";
    case Errc::internal:
      return "internal";
  }
  return "unknown";
}

}  // namespace postfach
