// Passwords do not stay in memory longer than they are needed.
#pragma once

#include <string>

#include "postfach/auth.h"

namespace postfach::protocol {

// Overwrites the octets and empties the string. The compiler does not leave it out.
void wipe(std::string& secret) noexcept;
void wipe(Credentials& credentials) noexcept;

}  // namespace postfach::protocol
