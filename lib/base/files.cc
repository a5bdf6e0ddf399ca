#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "random.h"

namespace postfach::base {
namespace {

// Calls again when a signal of the host came between; only for calls that may be repeated.
template <class Call>
auto retrying(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Result<File> open_file(const std::string& path, int flags) {
  constexpr mode_t kMode = 0600;
  const int fd = retrying([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, kMode); });
  if (fd < 0) return system_error(errno, "open " + path);
  return File(fd);
}

bool is_directory(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// The folder that holds the last name of path, which has no slash at its end.
std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Errc code_of(int number) noexcept {
  switch (number) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
    case ENOTEMPTY:
      return Errc::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::not_permitted;
    case EINVAL:
    case EISDIR:
    case ENOTDIR:
    case ELOOP:
    case EXDEV:
      return Errc::invalid_argument;
    case ENAMETOOLONG:
    case EFBIG:
    case EOVERFLOW:
    case EMLINK:
      return Errc::limit;
    case EBUSY:
    case ETXTBSY:
    case EAGAIN:
      return Errc::in_use;
    case EBADF:
    case EFAULT:
      return Errc::internal;
    // ENOSPC, EDQUOT, EIO, EMFILE, ENFILE, ENOMEM, ESTALE and whatever else a file system may report: not the
    // caller's doing, and perhaps gone later.
    default:
      return Errc::unavailable;
  }
}

}  // namespace

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

Result<File> File::open_for_reading(const std::string& path) { return open_file(path, O_RDONLY); }
Result<File> File::create(const std::string& path) { return open_file(path, O_RDWR | O_CREAT | O_EXCL); }
Result<File> File::open_or_create(const std::string& path) { return open_file(path, O_RDWR | O_CREAT); }

Result<File> File::create_unnamed(const std::string& directory) {
#ifdef O_TMPFILE
  // Not every file system can do it.
  if (auto unnamed = open_file(directory, O_RDWR | O_TMPFILE)) return unnamed;
#endif
  const std::string path = join_path(directory, "tmp-" + random_hex(32));
  auto created = create(path);
  if (!created) return created;
  if (auto removed = remove_file(path); !removed) return removed.error();
  return created;
}

int File::release() noexcept {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

void File::close() noexcept {
  // Never repeated after EINTR: on Linux the descriptor is gone, and its number may belong to another
  // thread's file.
  if (is_open()) ::close(release());
}

Result<void> File::write(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = retrying([&] { return ::write(fd_, octets.data(), octets.size()); });
    if (written < 0) return system_error(errno, "write");
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> File::read_at(std::uint64_t offset, char* buffer, std::size_t size) const {
  std::size_t total = 0;
  while (total < size) {
    if (offset > static_cast<std::uint64_t>(INT64_MAX) - total) break;  // no file reaches that far
    const auto position = static_cast<off_t>(offset + total);
    const ssize_t got = retrying([&] { return ::pread(fd_, buffer + total, size - total, position); });
    if (got < 0) return system_error(errno, "read");
    if (got == 0) break;
    total += static_cast<std::size_t>(got);
  }
  return total;
}

Result<void> File::read_at(std::uint64_t offset, std::size_t size, std::string& out) const {
  const std::size_t had = out.size();
  out.resize(had + size);
  const Result<std::size_t> got = read_at(offset, out.data() + had, size);
  if (got && *got == size) return {};
  out.resize(had);
  if (!got) return got.error();
  return Error{Errc::unavailable, "a file is shorter than recorded"};
}

Result<std::uint64_t> File::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return system_error(errno, "fstat");
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> File::sync() const {
  if (retrying([&] { return ::fdatasync(fd_); }) != 0) return system_error(errno, "fdatasync");
  return {};
}

Result<void> make_directories(const std::string& path) {
  if (path.empty()) return system_error(ENOENT, "mkdir");
  if (is_directory(path)) return {};
  constexpr mode_t kMode = 0700;
  std::size_t end = 0;
  while (end < path.size()) {
    const std::size_t begin = path.find_first_not_of('/', end);
    if (begin == std::string::npos) break;
    end = std::min(path.find('/', begin), path.size());
    const std::string folder = path.substr(0, end);
    if (is_directory(folder)) continue;
    // Another process may make it at the same time; its parent is synced here all the same, because that
    // process may not have come so far yet.
    if (::mkdir(folder.c_str(), kMode) != 0 && !(errno == EEXIST && is_directory(folder))) {
      return system_error(errno, "mkdir " + folder);
    }
    if (auto synced = sync_directory(parent_of(folder)); !synced) return synced;
  }
  return {};
}

Result<void> sync_directory(const std::string& path) {
  auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return std::move(directory).error();
  if (retrying([&] { return ::fsync(directory->fd()); }) != 0) return system_error(errno, "fsync " + path);
  return {};
}

Result<void> rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error(errno, "rename " + from + " to " + to);
  return {};
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(errno, "unlink " + path);
  return {};
}

Result<void> remove_directory_tree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);  // never follows a symbolic link
  if (error) return system_error(error.value(), "remove " + path);
  return {};
}

bool file_exists(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return std::move(directory).error();
  const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> stream(::fdopendir(directory->fd()));
  if (!stream) return system_error(errno, "fdopendir " + path);
  directory->release();  // the stream owns it now

  std::vector<std::string> names;
  for (;;) {
    errno = 0;  // the only way to tell the end from an error
    const dirent* const entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return system_error(errno, "readdir " + path);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> read_file(const std::string& path, std::uint64_t most) {
  auto file = File::open_for_reading(path);
  if (!file) return std::move(file).error();
  const auto size = file->size();
  if (!size) return size.error();
  const auto too_large = [&] { return Error{Errc::limit, "read " + path + ": larger than permitted"}; };
  if (*size > most) return too_large();

  // One octet more than expected is asked for: a file that grows meanwhile, or one whose size is not known
  // beforehand, goes on in steps.
  std::string octets;
  std::size_t room = static_cast<std::size_t>(*size) + 1;
  for (;;) {
    const std::size_t had = octets.size();
    octets.resize(had + room);
    const auto got = file->read_at(had, octets.data() + had, room);
    if (!got) return got.error();
    octets.resize(had + *got);
    if (octets.size() > most) return too_large();
    if (*got < room) return octets;
    room = std::size_t{64} * 1024;
  }
}

Result<std::string> make_temporary_directory() {
  std::string path = "/tmp/postfach-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return system_error(errno, "mkdtemp " + path);
  return path;
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path += directory;
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

Error system_error(int number, std::string_view what) {
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(number);
  return {code_of(number), std::move(message)};
}

}  // namespace postfach::base
