// For work that must not be quadratic: a limit that is far above what it takes on a slow machine, under a sanitizer, and
// far below what it would take. Other programs on the machine don't count.
#pragma once

#include <ctime>

namespace postfach::test {

inline constexpr double kFarTooLong = 60;  // seconds

// What this process has used.
inline double cpu_seconds() noexcept { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace postfach::test
