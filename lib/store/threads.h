// The thread of each message, given to it once (RFC 8474 §5.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "body_reader.h"
#include "change.h"
#include "postfach/result.h"

namespace postfach::store {

// The thread of a body that is about to be stored, from what the parser packed of its header; 0 if it has to wait for
// older mail that has none yet.
Result<std::int64_t> join_thread(Change& change, std::int64_t body_id, std::string_view packed_refs);

// The same for a message that was stored before it was packed: it is read from the header that reader has entered. A
// large file that is missing has none: its message is about to go, or damaged, which is for others to find out.
Result<std::string> pack_stored_references(BodyReader& reader, std::uint64_t header_size);

// Gives these bodies, ascending, threads that can be, and makes them known. large: the directory of bodies that are
// files. Returns how many were put right.
Result<std::uint64_t> repair_threads(Change& change, const std::vector<std::int64_t>& bodies, const std::string& large);

}  // namespace postfach::store
