// Tables thread_ref and thread_backlog, and the columns of table body that threads are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"

namespace postfach::sqlite {

// A message identifies itself and refers to others by numbers that stand for message identifiers.
struct ThreadLinks {
  std::uint64_t id = 0;                            // 0: none
  std::span<const std::uint64_t> references = {};  // the oldest first
};

// The thread of a new body: that of the message itself if another has referred to it, else that of its nearest
// reference that is known, else a new one. What was not known is known from then on.
Result<std::int64_t> join_thread(Connection& db, std::int64_t body_id, const ThreadLinks& links);

// What links refer to leads to the thread, where it is not known yet.
Result<void> lead_to_thread(Connection& db, std::int64_t thread_id, const ThreadLinks& links);

// Looks at `most` rows of thread_ref and removes those whose thread has no message left. `seed` says where; rows are
// spread evenly, so that each is met after a while.
Result<void> sweep_threads(Connection& db, std::uint64_t seed, std::uint64_t most);

// The bodies of one thread, ascending.
Result<std::vector<std::int64_t>> bodies_of_thread(Connection& db, std::int64_t thread_id);

// While there is a backlog no body gets a thread but from it.
Result<bool> has_thread_backlog(Connection& db);
struct BacklogBody {
  std::int64_t id = 0;
  std::string packed_refs;  // empty: they are to be read from the header
  std::uint64_t size = 0;
  std::uint64_t header_size = 0;
};
// The next ones, ascending; none: the backlog is done.
Result<std::vector<BacklogBody>> next_of_backlog(Connection& db, std::size_t most);
Result<void> set_thread(Connection& db, std::int64_t body_id, std::int64_t thread_id, std::string_view packed_refs);
// All bodies up to this one have their threads.
Result<void> pass_backlog(Connection& db, std::int64_t body_id);
Result<void> end_backlog(Connection& db);

}  // namespace postfach::sqlite
