// What STATUS and the STATUS return option of LIST have in common.
#pragma once

#include <optional>

#include "imap/command/status.h"
#include "task.h"

namespace postfach::imap {

// Called before the items are answered: why they can't be, if there is a reason; else a client that asks for
// HIGHESTMODSEQ is one that knows CONDSTORE from now on (RFC 7162 §3.1).
std::optional<Answer> prepare_status_items(Context& context, const StatusItems& items, std::string& out);

}  // namespace postfach::imap
