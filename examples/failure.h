// The exit status that an error means: sysexits(3), which mail systems understand.
#pragma once

#include <sysexits.h>

#include "postfach/result.h"

namespace examples {

constexpr int exit_status(postfach::Errc code) noexcept {
  using postfach::Errc;
  switch (code) {
    case Errc::invalid_argument:
      return EX_USAGE;
    case Errc::not_found:
      return EX_NOUSER;
    case Errc::already_exists:
    case Errc::over_quota:
    case Errc::limit:
      return EX_CANTCREAT;
    case Errc::not_permitted:
    case Errc::auth_failed:
      return EX_NOPERM;
    case Errc::in_use:
    case Errc::unavailable:
      return EX_TEMPFAIL;
    case Errc::corrupt:
      return EX_DATAERR;
    case Errc::newer_schema:
      return EX_CONFIG;
    case Errc::internal:
      break;
  }
  return EX_SOFTWARE;
}

}  // namespace examples
