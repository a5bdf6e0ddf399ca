// Tables body and content: what copies of a message share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"

namespace postfach::sqlite {

struct NewBody {
  std::int64_t id = 0;
  std::uint64_t size = 0;
  std::uint64_t header_size = 0;
  std::string_view envelope = {};
  std::string_view body_structure = {};
  std::string_view sections = {};
  std::string_view thread_refs = {};  // packed
  std::int64_t thread_id = 0;         // 0: it waits in the backlog
  std::string_view file = {};         // name in large/; empty: content is stored
  std::string_view octets = {};       // if there is no file
  std::string_view header = {};       // if there is a file, and the header is not long; else empty
};

// With one reference.
Result<void> insert_body(Connection& db, const NewBody& body);
Result<void> add_reference(Connection& db, std::int64_t id);

// Drops references, and the bodies that have none left. The names of their files are added to files: the caller
// removes them after COMMIT.
Result<void> drop_reference(Connection& db, std::int64_t id, std::vector<std::string>& files);

struct StoredBody {
  std::uint64_t size = 0;
  std::string file;    // empty: the octets are in content
  std::string header;  // of a body with a file; empty: it is there alone
};
// Errors: corrupt if there is no such body.
Result<StoredBody> find_body(Connection& db, std::int64_t id);
// Appends the octets [offset, offset + size) of a body without file.
Result<void> read_content(Connection& db, std::int64_t id, std::uint64_t offset, std::uint64_t size, std::string& out);

// Wide columns; empty or 0 unless asked for.
struct WideRow {
  std::uint64_t header_size = 0;
  std::string_view envelope;
  std::string_view body_structure;
  std::string_view sections;
  std::string_view thread_refs;  // empty as long as the body is in the backlog of threads
  std::int64_t thread_id = 0;    // likewise 0
};

// Which of them are read; SQLite visits the pages of those only.
enum class Wide : std::uint8_t {
  none = 0,
  envelope = 1,
  body_structure = 2,
  sections = 4,
  thread_refs = 8,
  thread_id = 16,
  header_size = 32,
};
constexpr Wide operator|(Wide a, Wide b) noexcept {
  return static_cast<Wide>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}

// The rows of bodies that are asked for one after the other, mostly in the order of their identifiers.
class BodyRows {
 public:
  BodyRows(Connection& db, Wide wide);

  // Goes to the row of this body. False: there is none, or an error.
  bool find(std::int64_t id);
  bool ok() const noexcept { return rows_.ok(); }
  Error error() const { return rows_.error(); }
  WideRow row() const noexcept;  // views are valid until find()
  // The same alone, if it is asked for.
  std::string_view envelope() const noexcept { return rows_.text(1); }
  std::uint64_t header_size() const noexcept { return rows_.number<std::uint64_t>(2); }

 private:
  void seek(std::int64_t id);

  const Wide wide_;
  Statement rows_;
  bool is_open_ = false;  // it stands at a row
  std::int64_t id_ = 0;   // of that row
};

Result<bool> is_body_file(Connection& db, std::string_view file);

}  // namespace postfach::sqlite
