#include "connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "file_vfs.h"
#include "message_module.h"

namespace postfach::sqlite {
namespace {

Errc code_of(int code) noexcept {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::in_use;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::corrupt;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
    case SQLITE_INTERRUPT:
      return Errc::unavailable;
    case SQLITE_TOOBIG:
      return Errc::limit;
    default:
      return Errc::internal;
  }
}

Fault fault_of(int code) noexcept {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Fault::corrupt;
    case SQLITE_IOERR:
      return Fault::io;
    case SQLITE_FULL:
      return Fault::full;
    default:
      return Fault::none;
  }
}

// The open log of a connection, or null.
sqlite3_file* log_of(sqlite3* handle) noexcept {
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log)) != SQLITE_OK) {
    return nullptr;
  }
  return log != nullptr && log->pMethods != nullptr ? log : nullptr;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      cached_(std::exchange(other.cached_, nullptr)),
      handle_(std::exchange(other.handle_, nullptr)),
      code_(other.code_) {}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  if (cached_ == nullptr) {
    sqlite3_finalize(handle_);
    return;
  }
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);  // a stable text may be gone when the statement is used next
  cached_->busy = false;
}

void Statement::reset() noexcept {
  if (handle_ == nullptr) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  code_ = 0;
}

void Statement::bind_integer(int index, std::int64_t value) noexcept {
  if (code_ == 0) code_ = sqlite3_bind_int64(handle_, index, value);
}

void Statement::bind_text(int index, std::string_view value, bool stable) noexcept {
  if (code_ != 0) return;
  code_ = sqlite3_bind_text64(handle_, index, value.empty() ? "" : value.data(), value.size(),
                              stable ? SQLITE_STATIC : SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Statement::bind_blob(int index, std::string_view value) noexcept {
  if (code_ != 0) return;
  code_ = sqlite3_bind_blob64(handle_, index, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC);
}

bool Statement::next() {
  if (code_ != 0) return false;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) code_ = code;
  return false;
}

Error Statement::error() const { return connection_->fail(code_); }

Result<void> Statement::run() {
  while (next()) {
  }
  if (!ok()) return error();
  return {};
}

std::int64_t Statement::integer(int column) const noexcept { return sqlite3_column_int64(handle_, column); }

bool Statement::is_null(int column) const noexcept { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

std::string_view Statement::text(int column) const noexcept {
  const auto* const octets = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (octets == nullptr) return {};
  return {octets, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view Statement::blob(int column) const noexcept {
  const auto* const octets = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  if (octets == nullptr) return {};
  return {octets, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, const ConnectionOptions& options) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (options.create) flags |= SQLITE_OPEN_CREATE;
  const LogWrites writes = options.durable && !options.replaceable ? LogWrites::gathered : LogWrites::plain;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, options.of_database ? file_vfs(writes) : nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, path));
  if (code != SQLITE_OK) {
    if (handle == nullptr) return Error{Errc::unavailable, path + ": out of memory"};
    Error error = connection->fail(code);
    if ((code & 0xFF) == SQLITE_CANTOPEN && sqlite3_system_errno(handle) == ENOENT) error.code = Errc::not_found;
    return error;
  }
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  if (const int registered = register_messages(handle); registered != SQLITE_OK) return connection->fail(registered);

  // The checkpoint is ours to run, when the writers that wait for the commit have been told.
  sqlite3_wal_hook(
      handle,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      connection.get());

  // journal_size_limit: a log that a burst made long is cut when it starts again. secure_delete=FAST: zeroes what is
  // deleted where that needs no further page. cell_size_check: whoever writes to a damaged page makes it worse. A mapped
  // page is checked again at each visit, which was two thirds of what a look-up costs; readers notice a damaged cell
  // when they read it.
  const char* const synchronous = !options.durable ? "OFF" : options.replaceable ? "NORMAL" : "FULL";
  const std::string settings =
      "PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"
      "PRAGMA journal_size_limit=16777216; PRAGMA secure_delete=FAST;"
      "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=" +
      std::to_string(options.mmap_size) + ";PRAGMA synchronous=" + synchronous + ";" +
      (options.read_only ? "PRAGMA query_only=ON;" : "PRAGMA cell_size_check=ON;");
  // While others make the database too, its mode is locked, and SQLite does not wait for that.
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.busy_timeout_ms);
  auto set = connection->execute(settings.c_str());
  while (!set && set.error().code == Errc::in_use && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    set = connection->execute(settings.c_str());
  }
  if (!set) return set.error();
  auto mode = connection->query("PRAGMA journal_mode");
  if (!mode.next() || mode.text(0) != "wal") {
    if (!mode.ok()) return mode.error();
    return Error{Errc::unavailable, path + ": the file system has no shared memory for a write-ahead log"};
  }
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&connection->file_));
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::open_in_memory() {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(":memory:", &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, "a database in memory"));
  if (handle == nullptr) return Error{Errc::unavailable, "out of memory"};
  if (code != SQLITE_OK) return connection->fail(code);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (const int registered = register_messages(handle); registered != SQLITE_OK) return connection->fail(registered);
  return connection;
}

std::optional<DataVersion> Connection::version(std::uint64_t generation) const noexcept {
  return DataVersion::of(log_index(file_), generation);
}

void Connection::forget_statements() noexcept {
  for (auto& [text, statement] : statements_) sqlite3_finalize(statement.handle);
  statements_.clear();
}

Connection::~Connection() {
  forget_statements();
  sqlite3_close_v2(handle_);
}

Statement Connection::prepare(Sql sql) {
  auto [place, is_new] = statements_.try_emplace(sql.text());
  CachedStatement& cached = place->second;
  if (cached.handle != nullptr && !cached.busy) {
    cached.busy = true;
    return {*this, &cached, cached.handle, SQLITE_OK};
  }
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.text(), -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return {*this, nullptr, nullptr, code};
  if (cached.busy) return {*this, nullptr, handle, SQLITE_OK};  // the same statement is running further out
  cached = {handle, true};
  return {*this, &cached, handle, SQLITE_OK};
}

Error Connection::fail(int code) {
  fault_ = std::max(fault_, fault_of(code));
  std::string message = path_ + ": ";
  message += sqlite3_extended_errcode(handle_) == code ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  if ((code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN) {
    message += " (code " + std::to_string(code) + ", errno " + std::to_string(sqlite3_system_errno(handle_)) + ")";
  }
  return {code_of(code), std::move(message)};
}

Result<std::optional<std::int64_t>> Connection::first_value(Statement statement) {
  if (statement.next()) {
    if (statement.is_null(0)) return std::optional<std::int64_t>();
    return std::optional(statement.integer(0));
  }
  if (!statement.ok()) return statement.error();
  return std::optional<std::int64_t>();
}

Result<void> Connection::execute(const char* script) {
  const int code = sqlite3_exec(handle_, script, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(code);
  return {};
}

BlobReader::~BlobReader() { close(); }

void BlobReader::close() noexcept {
  sqlite3_blob_close(blob_);  // null is fine
  blob_ = nullptr;
}

Result<void> BlobReader::seek(std::int64_t rowid) {
  // What can't be reopened, such as a handle whose row was written since, is opened anew.
  if (blob_ != nullptr && sqlite3_blob_reopen(blob_, rowid) == SQLITE_OK) return {};
  close();
  const int code = sqlite3_blob_open(db_.handle_, "main", table_, column_, rowid, 0, &blob_);
  if (code == SQLITE_OK) return {};
  Error error = db_.fail(code);
  close();
  // Within a transaction that sees the row of the body, its octets must be there too.
  if ((code & 0xFF) == SQLITE_ERROR) error.code = Errc::corrupt;
  return error;
}

Result<void> BlobReader::read(std::int64_t rowid, std::uint64_t offset, std::uint64_t size, char* out) {
  if (Result<void> found = seek(rowid); !found) return found;
  const auto length = static_cast<std::uint64_t>(sqlite3_blob_bytes(blob_));
  if (offset > length || size > length - offset) {
    return Error{Errc::corrupt, db_.path_ + ": a message is shorter than recorded"};
  }
  if (size == 0) return {};
  const int code = sqlite3_blob_read(blob_, out, static_cast<int>(size), static_cast<int>(offset));
  if (code == SQLITE_OK) return {};
  Error error = db_.fail(code);
  close();
  return error;
}

bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t Connection::changes() const noexcept { return sqlite3_changes(handle_); }

void Connection::checkpoint(bool passive) noexcept {
  int pages = 0;
  int moved = 0;
  const int mode = passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  // A checkpoint that fails leaves the log as it is: nothing is lost, and the next commit tries again.
  if (sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, &pages, &moved) == SQLITE_OK && pages == moved) {
    wal_pages_ = 0;
  }
}

bool Connection::has_log() const noexcept {
  sqlite3_file* const log = log_of(handle_);
  sqlite3_int64 size = 0;
  return log != nullptr && (log->pMethods->xFileSize(log, &size) != SQLITE_OK || size > 0);
}

Result<void> Connection::renew_log() {
  sqlite3_file* const log = log_of(handle_);
  if (log == nullptr) return {};
  sqlite3_int64 size = 0;
  int code = log->pMethods->xFileSize(log, &size);
  std::string piece(std::size_t{64} * 1024, '\0');
  for (sqlite3_int64 offset = 0; code == SQLITE_OK && offset < size;) {
    const int count = static_cast<int>(std::min<sqlite3_int64>(size - offset, std::ssize(piece)));
    code = log->pMethods->xRead(log, piece.data(), count, offset);
    if (code == SQLITE_OK) code = log->pMethods->xWrite(log, piece.data(), count, offset);
    offset += count;
  }
  if (code == SQLITE_OK) code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  if (code != SQLITE_OK) return fail(code);
  return {};
}

Result<void> Connection::limit_pages(std::int64_t pages) {
  const std::string pragma = "PRAGMA max_page_count=" + std::to_string(pages == 0 ? 4'294'967'294 : pages);
  return execute(pragma.c_str());
}

}  // namespace postfach::sqlite
