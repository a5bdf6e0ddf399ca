#include "threads.h"

#include <algorithm>
#include <optional>

namespace postfach::sqlite {
namespace {

// What is looked up for one message, beside its own number: the nearest references, and the oldest one, which messages
// of a thread most often have in common.
constexpr std::size_t kNearest = 12;

Result<std::optional<std::int64_t>> find_thread(Connection& db, std::uint64_t number) {
  return db.value("SELECT thread_id FROM thread_ref WHERE number = ?1", number);
}

// The nearest references first. Returns how many there are.
std::size_t nearest(const ThreadLinks& links, std::uint64_t (&numbers)[kNearest + 1]) noexcept {
  std::size_t count = 0;
  const std::size_t references = links.references.size();
  for (std::size_t i = 0; i < references && i < kNearest; ++i) numbers[count++] = links.references[references - 1 - i];
  if (references > kNearest) numbers[count++] = links.references.front();
  return count;
}

Result<void> insert_ref(Connection& db, std::uint64_t number, std::int64_t thread_id) {
  return db.run("INSERT INTO thread_ref (number, thread_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING", number, thread_id);
}

}  // namespace

Result<std::int64_t> join_thread(Connection& db, std::int64_t body_id, const ThreadLinks& links) {
  std::optional<std::int64_t> thread;
  if (links.id != 0) {
    auto found = find_thread(db, links.id);
    if (!found) return found.error();
    thread = *found;
  }
  const bool is_known = thread.has_value();
  std::uint64_t numbers[kNearest + 1];
  const std::size_t count = nearest(links, numbers);
  // Those beyond one that is known were made known together with it.
  std::size_t unknown = 0;
  for (; !thread && unknown < count; ++unknown) {
    auto found = find_thread(db, numbers[unknown]);
    if (!found) return found.error();
    thread = *found;
    if (thread) break;
  }
  if (is_known) unknown = count;
  const std::int64_t result = thread.value_or(body_id);
  if (links.id != 0 && !is_known) {
    if (auto done = insert_ref(db, links.id, result); !done) return done.error();
  }
  for (std::size_t i = 0; i < unknown; ++i) {
    if (auto done = insert_ref(db, numbers[i], result); !done) return done.error();
  }
  return result;
}

Result<void> lead_to_thread(Connection& db, std::int64_t thread_id, const ThreadLinks& links) {
  std::uint64_t numbers[kNearest + 1];
  const std::size_t count = nearest(links, numbers);
  for (std::size_t i = 0; i < count; ++i) {
    if (auto done = insert_ref(db, numbers[i], thread_id); !done) return done;
  }
  return {};
}

Result<void> sweep_threads(Connection& db, std::uint64_t seed, std::uint64_t most) {
  return db.run(
      "DELETE FROM thread_ref WHERE number IN (SELECT number FROM thread_ref WHERE number >= ?1 ORDER BY number "
      "LIMIT ?2) AND NOT EXISTS (SELECT 1 FROM body WHERE body.thread_id = thread_ref.thread_id)",
      seed, most);
}

Result<std::vector<std::int64_t>> bodies_of_thread(Connection& db, std::int64_t thread_id) {
  std::vector<std::int64_t> bodies;
  auto rows = db.query("SELECT id FROM body WHERE thread_id = ?1 ORDER BY id", thread_id);
  while (rows.next()) bodies.push_back(rows.integer(0));
  if (!rows.ok()) return rows.error();
  return bodies;
}

Result<bool> has_thread_backlog(Connection& db) {
  auto found = db.value("SELECT 1 FROM thread_backlog");
  if (!found) return found.error();
  return found->has_value();
}

Result<std::vector<BacklogBody>> next_of_backlog(Connection& db, std::size_t most) {
  std::vector<BacklogBody> bodies;
  auto rows = db.query(
      "SELECT body.id, thread_refs, size, header_size FROM thread_backlog JOIN body ON body.id >= next_id "
      "ORDER BY body.id LIMIT ?1",
      most);
  while (rows.next()) {
    bodies.push_back(
        {rows.integer(0), std::string(rows.blob(1)), rows.number<std::uint64_t>(2), rows.number<std::uint64_t>(3)});
  }
  if (!rows.ok()) return rows.error();
  return bodies;
}

Result<void> set_thread(Connection& db, std::int64_t body_id, std::int64_t thread_id, std::string_view packed_refs) {
  return db.run("UPDATE body SET thread_refs = ?2, thread_id = ?3 WHERE id = ?1", body_id, Octets{packed_refs},
                thread_id);
}

Result<void> pass_backlog(Connection& db, std::int64_t body_id) {
  return db.run("UPDATE thread_backlog SET next_id = ?1 + 1", body_id);
}

Result<void> end_backlog(Connection& db) { return db.run("DELETE FROM thread_backlog"); }

}  // namespace postfach::sqlite
