// The system calls of lib/base/files.cc: the linker sends them here (--wrap), and __real_x is what x was.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <map>
#include <mutex>

#include "disk.h"

namespace {

using namespace postfach::fault;

struct OpenFile {
  std::string path;
  Node node = kNobody;
  std::uint64_t position = 0;
};

// Descriptors that are closed stay in here until their number comes back.
std::mutex mutex;
std::map<int, OpenFile> open_files;

OpenFile find(int fd) {
  const std::lock_guard lock(mutex);
  const auto found = open_files.find(fd);
  return found == open_files.end() ? OpenFile{} : found->second;
}

int fail(Failure failure) {
  errno = failure == Failure::io ? EIO : ENOSPC;
  return -1;
}

int sync(int fd) {
  const OpenFile file = find(fd);
  const bool failed = Disk::instance().meet(action::kSync, file.path) != Failure::none;
  Disk::instance().synced(file.node, failed);
  return failed ? fail(Failure::io) : 0;
}

}  // namespace

extern "C" {

int __real_open(const char* path, int flags, ...);
ssize_t __real_write(int fd, const void* octets, size_t size);
int __real_rename(const char* from, const char* to);
int __real_link(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_mkdir(const char* path, mode_t mode);
int __wrap_open(const char* path, int flags, ...);
ssize_t __wrap_write(int fd, const void* octets, size_t size);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_rename(const char* from, const char* to);
int __wrap_link(const char* from, const char* to);
int __wrap_unlink(const char* path);
int __wrap_mkdir(const char* path, mode_t mode);

int __wrap_open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
  va_end(arguments);
  Disk& disk = Disk::instance();
  const bool is_new = (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0;
  if (is_new) {
    if (const Failure failure = disk.meet(action::kCreate, path); failure != Failure::none) return fail(failure);
  }
  const int fd = __real_open(path, flags, mode);
  if (fd < 0) return fd;
  const std::lock_guard lock(mutex);
  open_files[fd] = {path, is_new ? disk.created(path, false) : disk.find(path), 0};
  return fd;
}

ssize_t __wrap_write(int fd, const void* octets, size_t size) {
  const OpenFile file = find(fd);
  Disk& disk = Disk::instance();
  const Failure failure = disk.meet(action::kWrite | action::kGrow, file.path);
  if (failure == Failure::io || failure == Failure::full) return fail(failure);
  if (failure == Failure::half_written && size > 1) size /= 2;
  const ssize_t written = __real_write(fd, octets, size);
  if (written <= 0 || file.node == kNobody) return written;
  const auto count = static_cast<std::size_t>(written);
  disk.wrote(file.node, file.position, {static_cast<const char*>(octets), count});
  const std::lock_guard lock(mutex);
  open_files[fd].position += count;
  return written;
}

int __wrap_fdatasync(int fd) { return sync(fd); }
int __wrap_fsync(int fd) { return sync(fd); }

int __wrap_rename(const char* from, const char* to) {
  if (const Failure failure = Disk::instance().meet(action::kRename, from); failure != Failure::none) {
    return fail(failure);
  }
  const int result = __real_rename(from, to);
  if (result == 0) Disk::instance().renamed(from, to);
  return result;
}

int __wrap_link(const char* from, const char* to) {
  if (const Failure failure = Disk::instance().meet(action::kCreate, to); failure != Failure::none) {
    return fail(failure);
  }
  const int result = __real_link(from, to);
  if (result == 0) Disk::instance().linked(from, to);
  return result;
}

int __wrap_unlink(const char* path) {
  if (const Failure failure = Disk::instance().meet(action::kRemove, path); failure != Failure::none) {
    return fail(failure);
  }
  const int result = __real_unlink(path);
  if (result == 0) Disk::instance().removed(path);
  return result;
}

int __wrap_mkdir(const char* path, mode_t mode) {
  if (const Failure failure = Disk::instance().meet(action::kCreate, path); failure != Failure::none) {
    return fail(failure);
  }
  const int result = __real_mkdir(path, mode);
  if (result == 0) Disk::instance().created(path, true);
  return result;
}

}  // extern "C"
