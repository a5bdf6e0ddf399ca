#include "bodies.h"

namespace postfach::sqlite {

Result<void> insert_body(Connection& db, const NewBody& body) {
  const std::optional<StableText> file = body.file.empty() ? std::nullopt : std::optional(StableText{body.file});
  const std::optional<Octets> header = body.header.empty() ? std::nullopt : std::optional(Octets{body.header});
  if (auto done =
          db.run("INSERT INTO body (id, refs, size, header_size, file, envelope, body_structure, sections, "
                 "thread_refs, thread_id, header) VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, 0), ?10)",
                 body.id, body.size, body.header_size, file, StableText{body.envelope}, StableText{body.body_structure},
                 Octets{body.sections}, Octets{body.thread_refs}, body.thread_id, header);
      !done) {
    return done;
  }
  if (file.has_value()) return {};
  return db.run("INSERT INTO content (id, data) VALUES (?1, ?2)", body.id, Octets{body.octets});
}

Result<void> add_reference(Connection& db, std::int64_t id) {
  if (auto done = db.run("UPDATE body SET refs = refs + 1 WHERE id = ?1", id); !done) return done;
  if (db.changes() != 1) return Error{Errc::corrupt, "the body of a message is missing"};
  return {};
}

Result<void> drop_reference(Connection& db, std::int64_t id, std::vector<std::string>& files) {
  if (auto done = db.run("UPDATE body SET refs = refs - 1 WHERE id = ?1 AND refs > 1", id); !done) return done;
  if (db.changes() == 1) return {};
  if (auto done = db.run("DELETE FROM content WHERE id = ?1", id); !done) return done;
  auto removed = db.query("DELETE FROM body WHERE id = ?1 RETURNING file", id);
  if (removed.next() && !removed.is_null(0)) files.emplace_back(removed.text(0));
  return removed.run();
}

Result<StoredBody> find_body(Connection& db, std::int64_t id) {
  auto rows = db.query("SELECT size, file, header_size, header FROM body WHERE id = ?1", id);
  if (rows.next()) {
    const std::string_view header = rows.blob(3);
    const bool is_whole = header.size() == rows.number<std::uint64_t>(2);
    return StoredBody{rows.number<std::uint64_t>(0), std::string(rows.text(1)),
                      std::string(is_whole ? header : std::string_view())};
  }
  if (!rows.ok()) return rows.error();
  return Error{Errc::corrupt, "the body of a message is missing"};
}

Result<void> read_content(Connection& db, std::int64_t id, std::uint64_t offset, std::uint64_t size, std::string& out) {
  // A statement that is kept prepared is cheaper than a blob handle for one row, also if it copies more than is asked for.
  auto rows = db.query("SELECT data FROM content WHERE id = ?1", id);
  if (!rows.next()) return rows.ok() ? Error{Errc::corrupt, "the octets of a message are missing"} : rows.error();
  const std::string_view octets = rows.blob(0);
  if (offset > octets.size() || size > octets.size() - offset) {
    return Error{Errc::corrupt, "a message is shorter than recorded"};
  }
  out.append(octets.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size)));
  return {};
}

namespace {

constexpr bool has(Wide wide, Wide column) noexcept {
  return (static_cast<unsigned>(wide) & static_cast<unsigned>(column)) != 0;
}

// Whether other columns are asked for than those that have a statement of their own.
constexpr bool is_conditional(Wide wide) noexcept {
  constexpr Wide kOthers = Wide::body_structure | Wide::sections | Wide::thread_refs | Wide::thread_id;
  return has(wide, kOthers);
}

// A column that is asked for as it is costs a fraction of one under a condition.
Sql rows_sql(Wide wide) noexcept {
  if (is_conditional(wide)) {
    return "SELECT id, CASE WHEN ?2 & 1 THEN envelope END, header_size, CASE WHEN ?2 & 2 THEN body_structure END, "
           "CASE WHEN ?2 & 4 THEN sections END, CASE WHEN ?2 & 8 THEN thread_refs END, "
           "CASE WHEN ?2 & 16 THEN thread_id END FROM body WHERE id >= ?1 ORDER BY id";
  }
  if (!has(wide, Wide::envelope)) return "SELECT id, NULL, header_size FROM body WHERE id >= ?1 ORDER BY id";
  if (!has(wide, Wide::header_size)) return "SELECT id, envelope FROM body WHERE id >= ?1 ORDER BY id";
  return "SELECT id, envelope, header_size FROM body WHERE id >= ?1 ORDER BY id";
}

}  // namespace

BodyRows::BodyRows(Connection& db, Wide wide) : wide_(wide), rows_(db.query(rows_sql(wide))) {}

bool BodyRows::find(std::int64_t id) {
  // To go on from one row to the next costs a fraction of a look-up.
  constexpr int kFarthest = 8;
  for (int step = 0; !is_open_ || id_ != id; ++step) {
    const bool is_sought = !is_open_ || id_ > id || step == kFarthest;
    if (is_sought) seek(id);
    is_open_ = rows_.next();
    if (is_open_) id_ = rows_.integer(0);
    if (is_sought) break;
  }
  return is_open_ && id_ == id;
}

void BodyRows::seek(std::int64_t id) {
  if (is_conditional(wide_)) {
    rows_.bind(id, wide_);
  } else {
    rows_.bind(id);
  }
}

WideRow BodyRows::row() const noexcept {
  WideRow row;
  if (has(wide_, Wide::header_size)) row.header_size = header_size();
  if (has(wide_, Wide::envelope)) row.envelope = envelope();
  if (has(wide_, Wide::body_structure)) row.body_structure = rows_.text(3);
  if (has(wide_, Wide::sections)) row.sections = rows_.blob(4);
  if (has(wide_, Wide::thread_refs)) row.thread_refs = rows_.blob(5);
  if (has(wide_, Wide::thread_id)) row.thread_id = rows_.integer(6);
  return row;
}

Result<bool> is_body_file(Connection& db, std::string_view file) {
  auto found = db.value("SELECT 1 FROM body WHERE file = ?1", file);
  if (!found) return found.error();
  return found->has_value();
}

}  // namespace postfach::sqlite
