#include "log_vfs.h"

#include <sqlite3.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace postfach::sqlite {
namespace {

constexpr std::size_t kMostGathered = std::size_t{64} * 1024;

// Followed by the file of the VFS underneath.
struct LogFile {
  sqlite3_file base;  // first: SQLite sees only this
  std::unique_ptr<char[]> gathered = nullptr;
  std::size_t size = 0;  // of what is gathered,
  sqlite3_int64 at = 0;  // which belongs there
};

LogFile& of(sqlite3_file* file) noexcept { return *reinterpret_cast<LogFile*>(file); }
sqlite3_file* real(sqlite3_file* file) noexcept { return reinterpret_cast<sqlite3_file*>(&of(file) + 1); }

// What can't be written is of a transaction that fails for it.
int flush(sqlite3_file* file) noexcept {
  LogFile& log = of(file);
  const std::unique_ptr<char[]> octets = std::move(log.gathered);
  if (!octets) return SQLITE_OK;
  return real(file)->pMethods->xWrite(real(file), octets.get(), static_cast<int>(log.size), log.at);
}

int close_log(sqlite3_file* file) {
  const int flushed = flush(file);
  const int closed = real(file)->pMethods->xClose(real(file));
  of(file).~LogFile();
  return flushed != SQLITE_OK ? flushed : closed;
}

int read_log(sqlite3_file* file, void* octets, int size, sqlite3_int64 offset) {
  if (const int code = flush(file); code != SQLITE_OK) return code;
  return real(file)->pMethods->xRead(real(file), octets, size, offset);
}

int write_log(sqlite3_file* file, const void* octets, int size, sqlite3_int64 offset) {
  LogFile& log = of(file);
  const auto count = static_cast<std::size_t>(size);
  const auto follows = [&] { return offset == log.at + static_cast<sqlite3_int64>(log.size); };
  if (log.gathered && (!follows() || count > kMostGathered - log.size)) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
  }
  if (!log.gathered) {
    if (count <= kMostGathered) log.gathered.reset(new (std::nothrow) char[kMostGathered]);
    if (!log.gathered) return real(file)->pMethods->xWrite(real(file), octets, size, offset);
    log.at = offset;
    log.size = 0;
  }
  std::memcpy(log.gathered.get() + log.size, octets, count);
  log.size += count;
  return SQLITE_OK;
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = flush(file); code != SQLITE_OK) return code;
  return real(file)->pMethods->xTruncate(real(file), size);
}

int sync_log(sqlite3_file* file, int flags) {
  if (const int code = flush(file); code != SQLITE_OK) return code;
  return real(file)->pMethods->xSync(real(file), flags);
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
  if (const int code = flush(file); code != SQLITE_OK) return code;
  return real(file)->pMethods->xFileSize(real(file), size);
}

int lock_log(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock_log(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int is_log_reserved(sqlite3_file* file, int* result) {
  return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
int control_log(sqlite3_file* file, int code, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), code, argument);
}
int sector_size_of_log(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int traits_of_log(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

// Version 1: a log is neither mapped nor does it have shared memory of its own.
constexpr sqlite3_io_methods kMethods = {
    1,          close_log,       read_log,    write_log,          truncate_log,  sync_log, size_of_log, lock_log,
    unlock_log, is_log_reserved, control_log, sector_size_of_log, traits_of_log, nullptr,  nullptr,     nullptr,
    nullptr,    nullptr,         nullptr};

// The VFS, and the one that it is around.
struct Vfs {
  sqlite3_vfs ours = {};
  sqlite3_vfs* real = nullptr;
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const below = reinterpret_cast<Vfs*>(vfs)->real;
  if ((flags & SQLITE_OPEN_WAL) == 0) return below->xOpen(below, name, file, flags, out_flags);
  file->pMethods = nullptr;
  auto* const inner = reinterpret_cast<sqlite3_file*>(reinterpret_cast<LogFile*>(file) + 1);
  inner->pMethods = nullptr;
  const int code = below->xOpen(below, name, inner, flags, out_flags);
  if (code != SQLITE_OK) {
    if (inner->pMethods != nullptr) inner->pMethods->xClose(inner);
    return code;
  }
  new (file) LogFile{{&kMethods}};
  return SQLITE_OK;
}

}  // namespace

const char* log_vfs() noexcept {
  static Vfs vfs;
  static const bool is_there = [] {
    vfs.real = sqlite3_vfs_find(nullptr);
    if (vfs.real == nullptr) return false;
    vfs.ours = *vfs.real;  // all but xOpen is its own
    vfs.ours.zName = "postfach-log";
    vfs.ours.szOsFile = vfs.real->szOsFile + static_cast<int>(sizeof(LogFile));
    vfs.ours.pNext = nullptr;
    vfs.ours.xOpen = open_file;
    return sqlite3_vfs_register(&vfs.ours, 0) == SQLITE_OK;
  }();
  return is_there ? vfs.ours.zName : nullptr;
}

}  // namespace postfach::sqlite
