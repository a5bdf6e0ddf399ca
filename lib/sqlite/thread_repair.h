// Threads that a damaged mail.db does not tell any more.
//
// The row of a body has told clients of its thread, so it comes first, where that can be one; thread_ref follows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connection.h"
#include "threads.h"

namespace postfach::sqlite {

// Bodies, ascending, whose thread is missing though it is not in the backlog, or there though it is; is none that was
// begun; whose references are not of their form; or that thread_ref does not lead to. Reads all bodies' rows.
Result<std::vector<std::int64_t>> find_thread_damage(Connection& db);

// Of one body as it is now; nothing if it is gone, or has to wait for the backlog, in which it is put then.
struct ThreadRow {
  std::int64_t thread_id = 0;  // 0: none that can be
  std::string packed_refs;     // empty: none of their form
  std::uint64_t size = 0;
  std::uint64_t header_size = 0;
};
Result<std::optional<ThreadRow>> load_thread_row(Connection& db, std::int64_t body_id);
// Saves the references, and the thread: the one of the row, unless another message of the same identifier is in one
// where thread_ref leads to; or the one that the body would join now.
Result<void> settle_thread(Connection& db, std::int64_t body_id, const ThreadRow& row, const ThreadLinks& links);

// Removes rows of thread_ref that lead to no thread that was ever begun. Returns how many.
Result<std::uint64_t> remove_impossible_refs(Connection& db, const std::vector<std::int64_t>& numbers);

}  // namespace postfach::sqlite
