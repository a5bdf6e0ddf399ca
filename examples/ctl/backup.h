// postfachctl backup, restore, verify and undelete.
#pragma once

#include <CLI/CLI.hpp>

#include "ctl/command.h"

namespace examples {

// Adds the commands; the one that was given sets run, which returns the exit status.
void add_backup_commands(CLI::App& app, Command& run);

}  // namespace examples
