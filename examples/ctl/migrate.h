// postfachctl import and export.
#pragma once

#include <CLI/CLI.hpp>

#include "ctl/command.h"

namespace examples {

// Adds the commands. The one that was chosen sets run, which returns the exit status.
void add_migrate_commands(CLI::App& app, Command& run);

}  // namespace examples
