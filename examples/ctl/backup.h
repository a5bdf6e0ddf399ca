// postfachctl backup, restore, verify and undelete.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "postfach/store.h"

namespace examples {

// Adds the commands; the one that was given sets run, which returns the exit status.
void add_backup_commands(CLI::App& app, std::function<int(const postfach::Store&)>& run);

}  // namespace examples
