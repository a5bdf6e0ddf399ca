#include "unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace postfach::net {
namespace {

Error failure(Errc code, const std::string& path, const std::string& why) {
  return {code, "cannot listen at unix:" + path + ": " + why};
}

Error failure(const std::string& path, int number) {
  return failure(number == EACCES || number == EPERM || number == EROFS ? Errc::not_permitted : Errc::unavailable, path,
                 std::generic_category().message(number));
}

// 0: a server answers. Else what connect(2) says.
int try_to_connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int probe = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (probe < 0) return errno;
  ::fcntl(probe, F_SETFD, FD_CLOEXEC);
  ::fcntl(probe, F_SETFL, O_NONBLOCK);
  const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  ::close(probe);
  return result;
}

}  // namespace

std::optional<std::string> unix_path(std::string_view endpoint) {
  constexpr std::string_view kPrefix = "unix:";
  if (!endpoint.starts_with(kPrefix)) return std::nullopt;
  return std::string(endpoint.substr(kPrefix.size()));
}

Result<void> SocketFile::make_room(const std::string& path) {
  if (path.empty() || path.front() != '/') return failure(Errc::invalid_argument, path, "the path has to be absolute");
  if (path.size() >= sizeof(sockaddr_un::sun_path) || path.find('\0') != std::string::npos) {
    return failure(Errc::invalid_argument, path, "the path is too long for a socket");
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? Result<void>() : Result<void>(failure(path, errno));
  }
  if (!S_ISSOCK(status.st_mode)) return failure(Errc::in_use, path, "there is a file that is no socket");
  switch (const int found = try_to_connect(path)) {
    case 0:
    case EAGAIN:  // so many clients wait there already
      return failure(Errc::in_use, path, "another server listens there");
    case ECONNREFUSED:
    case ENOENT:
      break;
    default:
      return failure(path, found);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failure(path, errno);
  return {};
}

Result<SocketFile> SocketFile::adopt(std::string path, mode_t mode) {
  struct stat status {};
  if (::chmod(path.c_str(), mode) != 0 || ::lstat(path.c_str(), &status) != 0) {
    const int number = errno;
    ::unlink(path.c_str());
    return failure(path, number);
  }
  return SocketFile(std::move(path), status.st_dev, status.st_ino);
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

SocketFile::~SocketFile() {
  if (path_.empty()) return;
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

}  // namespace postfach::net
