// A demo account with a few messages to look at.
#pragma once

#include "postfach/store.h"

namespace examples {

inline constexpr const char* kDemoAccount = "demo@example.org";
inline constexpr const char* kDemoPassword = "demo";

// Makes the account and its messages where they do not exist; leaves everything else alone.
postfach::Result<void> make_demo(const postfach::Store& store);

}  // namespace examples
