// postfachctl deliver: a message from standard input, as the pipe of an MTA hands it over.
#pragma once

#include <CLI/CLI.hpp>

#include "ctl/command.h"
#include "policy_options.h"
#include "postfach/store.h"

namespace examples {

// Adds the command; its options say how the store that it is run on is opened.
// The one that was chosen sets run, which returns the exit status.
CLI::App* add_deliver_command(CLI::App& app, Command& run, postfach::StoreOptions& options, WarningSettings& warnings);

}  // namespace examples
