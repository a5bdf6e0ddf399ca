// From the criteria of a command to those of the store: for SEARCH, SORT and THREAD.
#pragma once

#include <variant>

#include "imap/command/search.h"
#include "postfach/search.h"
#include "task.h"

namespace postfach::imap {

// What the command looks for: sequence numbers, "$" and \Recent as UIDs, text in UTF-8, the active comparator. Or why it
// can't be done: a charset that is unknown, or an extension that is not offered. A command that uses MODSEQ enables
// CONDSTORE (RFC 7162 §3.1).
std::variant<Answer, SearchKey> translate_search(Context& context, const Search& search, std::string& out);

}  // namespace postfach::imap
