// SEARCH EMAILID and THREADID (RFC 8474 §6), for every command with search criteria.
#pragma once

#include <optional>

#include "imap/command/search.h"
#include "task.h"

namespace postfach::imap {

// Why criteria can't be used: OBJECTID is not offered, or an identifier is none (RFC 8474 §7 objectid).
std::optional<Answer> check_object_ids(const Context& context, const SearchTerm& criteria);

// Whether mail that has no thread yet must get its own before the search begins: see AfterThreads.
bool has_thread_id(const SearchTerm& criteria);

}  // namespace postfach::imap
