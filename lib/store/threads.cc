#include "threads.h"

#include <algorithm>

#include "message/message_ids.h"
#include "postfach/account.h"
#include "search_text.h"
#include "sqlite/thread_repair.h"
#include "sqlite/threads.h"
#include "store_impl.h"

namespace postfach {
namespace store {

namespace {

// One step of the backlog: some milliseconds for the writers that wait.
constexpr std::size_t kBacklogBodies = 200;
constexpr std::uint64_t kBacklogOctets = std::uint64_t{2} * 1024 * 1024;

Result<std::int64_t> join(sqlite::Connection& db, std::int64_t body_id, std::string_view packed_refs) {
  message::ThreadReferences refs;
  message::unpack(packed_refs, refs);
  return sqlite::join_thread(db, body_id, {refs.id, refs.references});
}

// False: nothing is left.
Result<bool> thread_backlog(sqlite::Connection& db, const std::string& large) {
  auto bodies = sqlite::next_of_backlog(db, kBacklogBodies);
  if (!bodies) return bodies.error();
  if (bodies->empty()) {
    if (auto done = sqlite::end_backlog(db); !done) return done.error();
    return false;
  }
  BodyReader reader(db, large);
  std::int64_t last = 0;
  for (sqlite::BacklogBody& body : *bodies) {
    if (reader.bytes_read() >= kBacklogOctets) break;
    if (body.packed_refs.empty()) {
      reader.enter(body.id, body.size);
      auto packed = pack_stored_references(reader, body.header_size);
      if (!packed) return packed.error();
      body.packed_refs = *std::move(packed);
    }
    auto thread = join(db, body.id, body.packed_refs);
    if (!thread) return thread.error();
    if (auto done = sqlite::set_thread(db, body.id, *thread, body.packed_refs); !done) return done.error();
    last = body.id;
  }
  if (auto done = sqlite::pass_backlog(db, last); !done) return done.error();
  return true;
}

}  // namespace

Result<std::string> pack_stored_references(BodyReader& reader, std::uint64_t header_size) {
  const auto header = reader.read(0, std::min(header_size, kSearchedHeader), false);
  if (!header && !reader.misses_file()) return header.error();
  return message::pack(message::thread_references(header ? *header : std::string_view()));
}

Result<std::int64_t> join_thread(Change& change, std::int64_t body_id, std::string_view packed_refs) {
  if (!change.has_thread_backlog) {
    auto found = sqlite::has_thread_backlog(change.db);
    if (!found) return found.error();
    change.has_thread_backlog = *found;
  }
  if (*change.has_thread_backlog) return std::int64_t{0};
  return join(change.db, body_id, packed_refs);
}

Result<std::uint64_t> repair_threads(Change& change, const std::vector<std::int64_t>& bodies,
                                     const std::string& large) {
  std::uint64_t repaired = 0;
  BodyReader reader(change.db, large);
  message::ThreadReferences refs;
  for (const std::int64_t id : bodies) {
    auto row = sqlite::load_thread_row(change.db, id);
    if (!row) return row.error();
    if (!row->has_value()) continue;
    if ((*row)->packed_refs.empty()) {
      reader.enter(id, (*row)->size);
      auto packed = pack_stored_references(reader, (*row)->header_size);
      if (!packed) return packed.error();
      (*row)->packed_refs = *std::move(packed);
    }
    message::unpack((*row)->packed_refs, refs);
    if (auto done = sqlite::settle_thread(change.db, id, **row, {refs.id, refs.references}); !done) return done.error();
    ++repaired;
  }
  return repaired;
}

}  // namespace store

Result<bool> Account::assign_threads() const {
  auto has_backlog = impl_->read([](sqlite::Connection& db) { return sqlite::has_thread_backlog(db); });
  if (!has_backlog || !*has_backlog) return has_backlog;
  const std::string large = impl_->store->locate(impl_->id).large;
  bool is_left = false;
  auto done = impl_->change([&](store::Change& change) -> Result<void> {
    auto more = store::thread_backlog(change.db, large);
    if (!more) return more.error();
    is_left = *more;
    return {};
  });
  if (!done) return done.error();
  return is_left;
}

}  // namespace postfach
