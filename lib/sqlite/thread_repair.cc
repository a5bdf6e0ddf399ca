#include "thread_repair.h"

#include <algorithm>
#include <string_view>

namespace postfach::sqlite {
namespace {

constexpr std::size_t kNumber = 8;  // octets

bool has_form(std::string_view packed) noexcept { return packed.size() >= kNumber && packed.size() % kNumber == 0; }

// The number of the message itself; the lowest octet first.
std::uint64_t first_number(std::string_view packed) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = std::min(packed.size(), kNumber); i-- > 0;) {
    number = number << 8U | static_cast<unsigned char>(packed[i]);
  }
  return number;
}

struct Bounds {
  std::int64_t backlog = INT64_MAX;  // bodies from here on wait
  std::int64_t end = 0;              // of threads that were begun
};

Result<Bounds> load_bounds(Connection& db) {
  Bounds bounds;
  auto backlog = db.value("SELECT next_id FROM thread_backlog");
  if (!backlog) return backlog.error();
  bounds.backlog = backlog->value_or(INT64_MAX);
  auto end = db.value("SELECT next_message_id FROM account");
  if (!end) return end.error();
  bounds.end = end->value_or(0);
  return bounds;
}

}  // namespace

Result<std::vector<std::int64_t>> find_thread_damage(Connection& db) {
  auto bounds = load_bounds(db);
  if (!bounds) return bounds.error();
  std::vector<std::int64_t> damaged;
  auto bodies = db.query("SELECT id, thread_id, thread_refs FROM body ORDER BY id");
  auto refs = db.query("SELECT thread_id FROM thread_ref WHERE number = ?1");
  while (bodies.next()) {
    const std::int64_t id = bodies.integer(0);
    const std::int64_t thread = bodies.integer(1);  // 0 for NULL
    const std::string_view packed = bodies.blob(2);
    if (id >= bounds->backlog) {
      if (!bodies.is_null(1) || (!packed.empty() && !has_form(packed))) damaged.push_back(id);
      continue;
    }
    bool is_sound = thread >= 1 && thread < bounds->end && has_form(packed);
    if (const std::uint64_t number = is_sound ? first_number(packed) : 0; number != 0) {
      refs.bind(number);
      is_sound = refs.next() && refs.integer(0) == thread;
      if (!refs.ok()) return refs.error();
    }
    if (!is_sound) damaged.push_back(id);
  }
  if (!bodies.ok()) return bodies.error();
  return damaged;
}

Result<std::optional<ThreadRow>> load_thread_row(Connection& db, std::int64_t body_id) {
  auto bounds = load_bounds(db);
  if (!bounds) return bounds.error();
  std::optional<ThreadRow> row;
  {
    auto rows = db.query("SELECT thread_id, thread_refs, size, header_size FROM body WHERE id = ?1", body_id);
    if (rows.next()) {
      row.emplace();
      const std::int64_t thread = rows.integer(0);
      if (thread >= 1 && thread < bounds->end) row->thread_id = thread;
      if (const std::string_view packed = rows.blob(1); has_form(packed)) row->packed_refs = packed;
      row->size = rows.number<std::uint64_t>(2);
      row->header_size = rows.number<std::uint64_t>(3);
    }
    if (!rows.ok()) return rows.error();
  }
  if (!row || body_id < bounds->backlog) return row;
  auto done = db.run(
      "UPDATE body SET thread_id = NULL, thread_refs = CASE WHEN length(thread_refs) >= 8 AND "
      "length(thread_refs) % 8 = 0 THEN thread_refs END WHERE id = ?1",
      body_id);
  if (!done) return done.error();
  return std::optional<ThreadRow>();
}

Result<void> settle_thread(Connection& db, std::int64_t body_id, const ThreadRow& row, const ThreadLinks& links) {
  std::int64_t thread = row.thread_id;
  if (thread == 0) {
    auto joined = join_thread(db, body_id, links);
    if (!joined) return joined.error();
    thread = *joined;
  } else if (links.id != 0) {
    auto known = db.value("SELECT thread_id FROM thread_ref WHERE number = ?1", links.id);
    if (!known) return known.error();
    if (known->has_value() && **known != thread) {
      auto twin = db.value(
          "SELECT 1 FROM body WHERE thread_id = ?1 AND substr(thread_refs, 1, 8) = substr(?2, 1, 8) AND id <> ?3 LIMIT "
          "1",
          **known, Octets{row.packed_refs}, body_id);
      if (!twin) return twin.error();
      if (twin->has_value()) thread = **known;
    }
    if (*known != thread) {
      auto done = db.run("INSERT OR REPLACE INTO thread_ref (number, thread_id) VALUES (?1, ?2)", links.id, thread);
      if (!done) return done.error();
      // A reply may come before what it is a reply to.
      if (auto led = lead_to_thread(db, thread, links); !led) return led.error();
    }
  }
  return set_thread(db, body_id, thread, row.packed_refs);
}

Result<std::uint64_t> remove_impossible_refs(Connection& db, const std::vector<std::int64_t>& numbers) {
  std::uint64_t removed = 0;
  for (const std::int64_t number : numbers) {
    auto done = db.run(
        "DELETE FROM thread_ref WHERE number = ?1 "
        "AND thread_id NOT BETWEEN 1 AND (SELECT next_message_id - 1 FROM account)",
        number);
    if (!done) return done.error();
    removed += static_cast<std::uint64_t>(db.changes());
  }
  return removed;
}

}  // namespace postfach::sqlite
