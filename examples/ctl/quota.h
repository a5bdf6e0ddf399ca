// postfachctl quota and group: limits of accounts and mailboxes, and of groups of accounts.
#pragma once

#include <CLI/CLI.hpp>

#include "ctl/command.h"

namespace examples {

// Adds the families of commands; the one that is chosen goes to run.
void add_quota_commands(CLI::App& app, Command& run);

}  // namespace examples
