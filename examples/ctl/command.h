// What the families of postfachctl's commands share.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <string>

#include "failure.h"
#include "postfach/store.h"

namespace examples {

// A command that was chosen; returns the exit status.
using Command = std::function<int(const postfach::Store&)>;

// What went wrong, for people; returns the exit status.
inline int fail(int status, const std::string& message) {
  fmt::print(stderr, "postfachctl: {}\n", message);
  return status;
}
inline int fail(const postfach::Error& error) { return fail(exit_status(error.code), error.message); }

}  // namespace examples
