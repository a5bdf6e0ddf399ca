// The thread of each message, given to it once (RFC 8474 §5.2).
#pragma once

#include <cstdint>
#include <string_view>

#include "postfach/result.h"
#include "sqlite/connection.h"

namespace postfach::store {

// The thread of a body that is about to be stored, from what the parser packed of its header.
Result<std::int64_t> join_thread(sqlite::Connection& db, std::int64_t body_id, std::string_view packed_refs);

}  // namespace postfach::store
