// A VFS around the default one. Locks and shared memory are the default's own; a file that is not watched behaves as
// ever, but is not synced.
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "disk.h"

namespace postfach::fault {
namespace {

sqlite3_vfs* real_vfs = nullptr;

struct OpenFile {
  sqlite3_file base;  // first: SQLite sees only this
  std::string path;
  Node node = kNobody;
  bool syncs_directory = false;  // with its first sync: what the default VFS does for journals
  sqlite3_file* real = nullptr;
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return of(file).real; }

// True if the operation shall fail; errno is then as the system would leave it.
bool fails(unsigned action, const std::string& path) {
  const Failure failure = Disk::instance().meet(action, path);
  if (failure != Failure::none) errno = failure == Failure::io ? EIO : ENOSPC;
  return failure != Failure::none;
}

int close_file(sqlite3_file* file) {
  OpenFile& open = of(file);
  const int code = open.real->pMethods != nullptr ? open.real->pMethods->xClose(open.real) : SQLITE_OK;
  open.~OpenFile();
  return code;
}

int read_file(sqlite3_file* file, void* octets, int size, sqlite3_int64 offset) {
  if (fails(action::kRead, of(file).path)) return SQLITE_IOERR_READ;
  return real(file)->pMethods->xRead(real(file), octets, size, offset);
}

int write_file(sqlite3_file* file, const void* octets, int size, sqlite3_int64 offset) {
  OpenFile& open = of(file);
  Disk& disk = Disk::instance();
  sqlite3_int64 had = 0;
  open.real->pMethods->xFileSize(open.real, &had);
  const Failure failure = disk.meet(action::kWrite | (offset + size > had ? action::kGrow : 0U), open.path);
  if (failure == Failure::io) return SQLITE_IOERR_WRITE;
  if (failure == Failure::full) return SQLITE_FULL;
  if (failure == Failure::half_written) size /= 2;
  const int code = size > 0 ? open.real->pMethods->xWrite(open.real, octets, size, offset) : SQLITE_OK;
  if (code != SQLITE_OK) return code;
  disk.wrote(open.node, static_cast<std::uint64_t>(offset),
             {static_cast<const char*>(octets), static_cast<std::size_t>(size)});
  return failure == Failure::half_written ? SQLITE_FULL : SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (fails(action::kTruncate, of(file).path)) return SQLITE_IOERR_TRUNCATE;
  const int code = real(file)->pMethods->xTruncate(real(file), size);
  if (code == SQLITE_OK) Disk::instance().truncated(of(file).node, static_cast<std::uint64_t>(size));
  return code;
}

int sync_file(sqlite3_file* file, int) {
  OpenFile& open = of(file);
  Disk& disk = Disk::instance();
  const bool failed = fails(action::kSync, open.path);
  disk.synced(open.node, failed);
  if (failed) return SQLITE_IOERR_FSYNC;
  if (std::exchange(open.syncs_directory, false)) disk.synced_directory_of(open.path);
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) { return real(file)->pMethods->xFileSize(real(file), size); }
int lock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int is_reserved(sqlite3_file* file, int* result) {
  return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
int control_file(sqlite3_file* file, int code, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), code, argument);
}
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  if (fails(action::kSharedMemory, of(file).path)) return SQLITE_IOERR_SHMMAP;
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int unmap_shared(sqlite3_file* file, int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); }
int fetch_page(sqlite3_file* file, sqlite3_int64 offset, int size, void** page) {
  return real(file)->pMethods->xFetch(real(file), offset, size, page);
}
int unfetch_page(sqlite3_file* file, sqlite3_int64 offset, void* page) {
  return real(file)->pMethods->xUnfetch(real(file), offset, page);
}

const sqlite3_io_methods kMethods = {
    3,           close_file,  read_file,    write_file,   truncate_file, sync_file,       size_of_file,
    lock_file,   unlock_file, is_reserved,  control_file, sector_size,   characteristics, map_shared,
    lock_shared, barrier,     unmap_shared, fetch_page,   unfetch_page};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Disk& disk = Disk::instance();
  file->pMethods = nullptr;
  const std::string path = name != nullptr ? name : "";
  const bool is_new = name != nullptr && (flags & SQLITE_OPEN_CREATE) != 0 && ::access(name, F_OK) != 0;
  if (is_new && fails(action::kCreate, path)) return SQLITE_CANTOPEN;
  auto* const inner = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(OpenFile));
  inner->pMethods = nullptr;
  const int code = real_vfs->xOpen(real_vfs, name, inner, flags, out_flags);
  if (code != SQLITE_OK) return code;
  const Node node = is_new ? disk.created(path, false) : disk.find(path);
  constexpr int kJournals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  const bool is_journal = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & kJournals) != 0;
  new (file) OpenFile{{&kMethods}, path, node, is_journal, inner};
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_directory) {
  Disk& disk = Disk::instance();
  if (fails(action::kRemove, name)) return SQLITE_IOERR_DELETE;
  const int code = real_vfs->xDelete(real_vfs, name, 0);
  if (code != SQLITE_OK) return code;
  disk.removed(name);
  if (sync_directory != 0) disk.synced_directory_of(name);
  return SQLITE_OK;
}

}  // namespace

void install_vfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs vfs = *real_vfs;
  vfs.zName = "postfach-fault";
  vfs.szOsFile = static_cast<int>(sizeof(OpenFile)) + real_vfs->szOsFile;
  vfs.pNext = nullptr;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  sqlite3_vfs_register(&vfs, 1);
}

}  // namespace postfach::fault
