// SEARCH EMAILID and THREADID (RFC 8474 §6), for every command with search criteria.
#pragma once

#include <memory>
#include <optional>

#include "imap/command/search.h"
#include "task.h"

namespace postfach::imap {

// Why criteria can't be used: OBJECTID is not offered, or an identifier is none (RFC 8474 §7 objectid).
std::optional<Answer> check_object_ids(const Context& context, const SearchTerm& criteria);

// The task of a command with these criteria; if they have a THREADID, after mail that has none yet got its own.
std::unique_ptr<Task> after_needed_threads(const SearchTerm& criteria, std::unique_ptr<Task> task);

}  // namespace postfach::imap
