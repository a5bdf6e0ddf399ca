// postfachctl maildrop: what POP3 shows and does.
#pragma once

#include <CLI/CLI.hpp>

#include "ctl/command.h"

namespace examples {

// Adds the family of commands; the one that is chosen goes to run.
void add_maildrop_commands(CLI::App& app, Command& run);

}  // namespace examples
