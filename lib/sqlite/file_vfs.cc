#include "file_vfs.h"

#include <sqlite3.h>

#include <algorithm>
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

// A VFS of ours.
struct Vfs {
  sqlite3_vfs base = {};
  bool gathers = false;
};

// What both are around, or null.
sqlite3_vfs* the_real() noexcept {
  static sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
  return real;
}

// The state of a database file, which stands behind the file of the VFS underneath: so that one has all its methods but
// four.
struct MappedFile {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods ours = {};
  sqlite3_int64 size = -1;  // of the file when it was mapped; -1: it is not
  const volatile void* index = nullptr;
};

MappedFile& mapped(sqlite3_file* file) noexcept {
  return *reinterpret_cast<MappedFile*>(reinterpret_cast<char*>(file) + the_real()->szOsFile);
}

int fetch_page(sqlite3_file* file, sqlite3_int64 offset, int size, void** page) {
  MappedFile& map = mapped(file);
  const int code = map.real->xFetch(file, offset, size, page);
  if (map.size < 0 && code == SQLITE_OK && *page != nullptr && map.real->xFileSize(file, &map.size) != SQLITE_OK) {
    map.size = -1;
  }
  return code;
}

int unfetch_page(sqlite3_file* file, sqlite3_int64 offset, void* page) {
  MappedFile& map = mapped(file);
  if (page == nullptr && map.size >= 0) {  // all of it
    sqlite3_int64 size = 0;
    if (map.real->xFileSize(file, &size) == SQLITE_OK && size == map.size) return SQLITE_OK;
    map.size = -1;
  }
  return map.real->xUnfetch(file, offset, page);
}

int map_index(sqlite3_file* file, int region, int size, int extend, void volatile** octets) {
  MappedFile& map = mapped(file);
  const int code = map.real->xShmMap(file, region, size, extend, octets);
  if (region == 0) map.index = code == SQLITE_OK ? *octets : nullptr;
  return code;
}

int unmap_index(sqlite3_file* file, int removes) {
  MappedFile& map = mapped(file);
  map.index = nullptr;
  return map.real->xShmUnmap(file, removes);
}

int open_log(sqlite3_vfs* below, const char* name, sqlite3_file* file, int flags, int* out_flags) {
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

int open_database(sqlite3_vfs* below, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = below->xOpen(below, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods->iVersion < 3) return code;
  MappedFile& map = *new (&mapped(file)) MappedFile{.real = file->pMethods, .ours = *file->pMethods};
  map.ours.xFetch = fetch_page;
  map.ours.xUnfetch = unfetch_page;
  map.ours.xShmMap = map_index;
  map.ours.xShmUnmap = unmap_index;
  file->pMethods = &map.ours;
  return code;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const below = the_real();
  const bool gathers = reinterpret_cast<Vfs*>(vfs)->gathers;
  if ((flags & SQLITE_OPEN_WAL) != 0 && gathers) return open_log(below, name, file, flags, out_flags);
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return open_database(below, name, file, flags, out_flags);
  return below->xOpen(below, name, file, flags, out_flags);
}

const char* make_vfs(Vfs& vfs, const char* name, bool gathers) noexcept {
  const sqlite3_vfs* const real = the_real();
  if (real == nullptr || real->szOsFile % static_cast<int>(alignof(MappedFile)) != 0) return nullptr;
  vfs.base = *real;  // all but xOpen is its own
  vfs.base.zName = name;
  vfs.base.szOsFile = real->szOsFile + static_cast<int>(std::max(sizeof(LogFile), sizeof(MappedFile)));
  vfs.base.pNext = nullptr;
  vfs.base.xOpen = open_file;
  vfs.gathers = gathers;
  return sqlite3_vfs_register(&vfs.base, 0) == SQLITE_OK ? name : nullptr;
}

}  // namespace

const char* file_vfs(LogWrites writes) noexcept {
  static Vfs plain;
  static Vfs gathering;
  static const char* const plain_name = make_vfs(plain, "postfach-plain", false);
  static const char* const gathering_name = make_vfs(gathering, "postfach", true);
  return writes == LogWrites::gathered ? gathering_name : plain_name;
}

const volatile void* log_index(sqlite3_file* file) noexcept {
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 3) return nullptr;
  return file->pMethods->xShmMap == map_index ? mapped(file).index : nullptr;
}

}  // namespace postfach::sqlite
