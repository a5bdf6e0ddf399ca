// What nobody should see on a terminal.
#pragma once

#include <string>

namespace examples {

// One line of standard input, without echo on a terminal; empty at its end.
std::string read_secret(const char* prompt);

}  // namespace examples
