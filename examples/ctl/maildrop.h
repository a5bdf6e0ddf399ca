// postfachctl maildrop: what POP3 shows and does.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "postfach/store.h"

namespace examples {

// A command that was chosen; returns the exit status.
using Command = std::function<int(const postfach::Store&)>;

// Adds the family of commands; the one that is chosen goes to run.
void add_maildrop_commands(CLI::App& app, Command& run);

}  // namespace examples
