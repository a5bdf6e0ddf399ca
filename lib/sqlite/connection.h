// One SQLite connection, its prepared statements, and errors as values.
//
// Invariants of the room:
// - sqlite3.h is included in the sources of this, of file_vfs.h and of message_module.h alone, and in no header.
// - A connection is used by one thread at a time (SQLITE_OPEN_NOMUTEX); Database hands them out.
// - Every database is in WAL mode with synchronous=FULL: what COMMIT acknowledged survives power loss. The
//   exceptions are the files of a temporary store, which do not outlive their process, and those that can be made anew.
// - No counter, keyword name or identifier is kept between transactions without the DataVersion that it is of: another
//   process may have written meanwhile.
// - Table functions take the connection of a running transaction and never begin or end one.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "data_version.h"
#include "postfach/result.h"

struct sqlite3;
struct sqlite3_blob;
struct sqlite3_file;
struct sqlite3_stmt;

namespace postfach::sqlite {

// The text of a statement: a literal, because its address is the key of the statement cache.
class Sql {
 public:
  consteval Sql(const char* text) noexcept : text_(text) {}  // NOLINT: implicit by design
  const char* text() const noexcept { return text_; }

 private:
  const char* text_;
};

// Octets to bind as a BLOB, or text to bind without a copy: they must stay until the statement has run.
struct Octets {
  std::string_view view;
};
struct StableText {
  std::string_view view;
};

struct CachedStatement {
  sqlite3_stmt* handle = nullptr;
  bool busy = false;
};

// What a failure says about the connection it happened on.
enum class Fault : std::uint8_t { none, full, io, corrupt };

class Connection;

// A prepared statement, borrowed from its connection's cache and reset when it goes. Errors stick: next() then returns
// false, and error() tells why.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Begins again with other values; those not given are NULL.
  template <class... Values>
  void bind(const Values&... values) {
    reset();
    [[maybe_unused]] int index = 0;
    (bind_one(++index, values), ...);
  }

  bool next();  // true: a row is there. false: the end, or an error
  bool ok() const noexcept { return code_ == 0; }
  Error error() const;
  // Runs to the end.
  Result<void> run();

  std::int64_t integer(int column) const noexcept;
  template <class Number>
  Number number(int column) const noexcept {
    return static_cast<Number>(integer(column));
  }
  bool is_null(int column) const noexcept;
  // Valid until the next call of next(), bind() or the end of the statement.
  std::string_view text(int column) const noexcept;
  std::string_view blob(int column) const noexcept;

 private:
  friend class Connection;
  Statement(Connection& connection, CachedStatement* cached, sqlite3_stmt* handle, int code) noexcept
      : connection_(&connection), cached_(cached), handle_(handle), code_(code) {}
  void reset() noexcept;
  void bind_integer(int index, std::int64_t value) noexcept;
  void bind_text(int index, std::string_view value, bool stable) noexcept;
  void bind_blob(int index, std::string_view value) noexcept;

  template <class Value>
  void bind_one(int index, const Value& value) {
    if constexpr (std::is_same_v<Value, std::nullptr_t>) {
      (void)index;
    } else if constexpr (std::is_same_v<Value, Octets>) {
      bind_blob(index, value.view);
    } else if constexpr (std::is_same_v<Value, StableText>) {
      bind_text(index, value.view, true);
    } else if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (requires { value.has_value(); }) {
      if (value.has_value()) bind_one(index, *value);
    } else {
      bind_text(index, std::string_view(value), false);
    }
  }

  Connection* connection_;
  CachedStatement* cached_;  // null: not from the cache, finalised at the end
  sqlite3_stmt* handle_;
  int code_;
};

struct ConnectionOptions {
  bool create = false;
  bool read_only = false;        // refuses to change data
  bool durable = true;           // false: no fsync, for files that nobody will ever open again
  bool replaceable = false;      // for data that can be made anew: power loss may take the last commits, not more
  bool of_database = false;      // no files will be attached to it (see file_vfs.h)
  int busy_timeout_ms = 10'000;  // how long another process may keep us waiting
  std::uint64_t mmap_size = 256ULL * 1024 * 1024;
};

class Connection {
 public:
  // Errors: not_found (no such file and not create), corrupt, unavailable, in_use.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, const ConnectionOptions& options);
  // A database in memory that files can be attached to; nothing of it is ever stored.
  static Result<std::unique_ptr<Connection>> open_in_memory();
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A failure to prepare shows at the first next().
  template <class... Values>
  Statement query(Sql sql, const Values&... values) {
    Statement statement = prepare(sql);
    statement.bind(values...);
    return statement;
  }
  template <class... Values>
  Result<void> run(Sql sql, const Values&... values) {
    return query(sql, values...).run();
  }
  // The first column of the first row; nothing if there is no row or it is NULL.
  template <class... Values>
  Result<std::optional<std::int64_t>> value(Sql sql, const Values&... values) {
    return first_value(query(sql, values...));
  }
  // Any number of statements, not cached.
  Result<void> execute(const char* script);

  bool in_transaction() const noexcept;
  std::int64_t changes() const noexcept;  // rows changed by the last statement
  // Pages in the write-ahead log after the last commit of this connection.
  int wal_pages() const noexcept { return wal_pages_; }
  // passive: never waits. Otherwise waits for readers, up to the busy timeout, so that the log starts again.
  void checkpoint(bool passive) noexcept;

  bool has_log() const noexcept;  // a write-ahead log with octets in it, as far as this connection has opened it
  // Writes the octets of the log over themselves and syncs it. A log that was left behind may have been read from
  // memory alone: after a sync that failed, the system takes its pages for clean, and no later sync writes them.
  // Commits that stand behind such a gap would be lost with the power. Only within a write transaction, before its
  // first change.
  Result<void> renew_log();

  // What a transaction that begins now would see; within one of its own that has changed something, what others see.
  // Nothing if that can't be told: not before the first transaction, nor for a file without file_vfs.h. generation: see
  // data_version.h.
  std::optional<DataVersion> version(std::uint64_t generation) const noexcept;
  // Of the job of Database::write() that is running: what it has found, and what it leaves to the next one of the same
  // transaction if it succeeds.
  const std::optional<DataVersion>& found() const noexcept { return found_; }
  const std::optional<DataVersion>& leaves() const noexcept { return leaves_; }
  void set_versions(const std::optional<DataVersion>& found, const std::optional<DataVersion>& leaves) noexcept {
    found_ = found;
    leaves_ = leaves;
  }

  // Drops the statements that are kept prepared, which would keep an attached file in use; none may be running.
  void forget_statements() noexcept;

  // The worst that happened since the connection was opened.
  Fault fault() const noexcept { return fault_; }
  void forget_fault() noexcept { fault_ = Fault::none; }

  // Makes this and no other statement fail with a full disk: for tests. 0: unlimited.
  Result<void> limit_pages(std::int64_t pages);

 private:
  friend class BlobReader;
  friend class Statement;
  explicit Connection(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  Statement prepare(Sql sql);
  Error fail(int code);
  Result<std::optional<std::int64_t>> first_value(Statement statement);

  sqlite3* handle_;
  std::string path_;
  std::unordered_map<const char*, CachedStatement> statements_;
  sqlite3_file* file_ = nullptr;
  std::optional<DataVersion> found_;
  std::optional<DataVersion> leaves_;
  int wal_pages_ = 0;
  Fault fault_ = Fault::none;
};

// The blobs of one column, one row after the other: one handle is kept, because to open one costs several times what it
// costs to go on to another row. To be gone before its transaction ends, which it would keep from ending.
class BlobReader {
 public:
  // The names must outlive it.
  BlobReader(Connection& db, const char* table, const char* column) noexcept
      : db_(db), table_(table), column_(column) {}
  ~BlobReader();
  BlobReader(const BlobReader&) = delete;
  BlobReader& operator=(const BlobReader&) = delete;

  // Copies the octets [offset, offset + size) to out, which has room for them; the range must lie within the blob.
  // Errors: corrupt if there is no such row or no such range.
  Result<void> read(std::int64_t rowid, std::uint64_t offset, std::uint64_t size, char* out);

 private:
  Result<void> seek(std::int64_t rowid);
  void close() noexcept;

  Connection& db_;
  const char* table_;
  const char* column_;
  sqlite3_blob* blob_ = nullptr;
};

}  // namespace postfach::sqlite
