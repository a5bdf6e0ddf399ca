// The thread of each message, given to it once (RFC 8474 §5.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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

}  // namespace postfach::store
