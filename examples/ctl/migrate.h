// postfachctl import and export.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "postfach/store.h"

namespace examples {

// Adds the commands. The one that was chosen sets run, which returns the exit status.
void add_migrate_commands(CLI::App& app, std::function<int(const postfach::Store&)>& run);

}  // namespace examples
