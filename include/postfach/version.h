// The version of the library.
#pragma once

#define POSTFACH_VERSION_MAJOR 0
#define POSTFACH_VERSION_MINOR 1
#define POSTFACH_VERSION_PATCH 0

namespace postfach {

// "0.1.0": of the library that is linked, which a program may compare with the macros it was compiled with.
const char* version() noexcept;

}  // namespace postfach
