#include "threads.h"

#include "message/message_ids.h"
#include "postfach/account.h"
#include "sqlite/threads.h"
#include "store_impl.h"
#include "stored_header.h"

namespace postfach {
namespace store {

Result<std::int64_t> join_thread(sqlite::Connection& db, std::int64_t body_id, std::string_view packed_refs) {
  message::ThreadReferences refs;
  message::unpack(packed_refs, refs);
  return sqlite::join_thread(db, body_id, {refs.id, refs.references});
}

namespace {

// One step of the backlog: some milliseconds for the writers that wait.
constexpr std::size_t kBacklogBodies = 200;
constexpr std::uint64_t kBacklogOctets = std::uint64_t{2} * 1024 * 1024;

// False: nothing is left.
Result<bool> thread_backlog(sqlite::Connection& db, const std::string& large) {
  auto bodies = sqlite::next_of_backlog(db, kBacklogBodies);
  if (!bodies) return bodies.error();
  std::int64_t last = INT64_MAX;
  std::uint64_t octets = 0;
  for (const sqlite::BacklogBody& body : *bodies) {
    if (octets >= kBacklogOctets) break;
    auto header = read_header(db, large, body.id, body.file, body.header_size);
    if (!header) return header.error();
    const std::string refs = message::pack(message::thread_references(*header));
    auto thread = join_thread(db, body.id, refs);
    if (!thread) return thread.error();
    if (auto done = sqlite::set_thread(db, body.id, *thread, refs); !done) return done.error();
    last = body.id;
    octets += header->size();
  }
  if (auto done = sqlite::pass_backlog(db, last); !done) return done.error();
  return !bodies->empty();
}

}  // namespace
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
