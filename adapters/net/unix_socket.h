// The file of a Unix socket that a server listens at.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "postfach/result.h"

namespace postfach::net {

// The path of "unix:/run/postfach/lmtp"; nothing for an address of another kind.
std::optional<std::string> unix_path(std::string_view endpoint);

// What a client that came over a Unix socket has for an address.
inline constexpr std::string_view kUnixAddress = "unix";

class SocketFile {
 public:
  // Before bind(2): removes what a server that was killed left at the path. Errors: invalid_argument (the path), in_use
  // (a server listens there, or it is a file of another kind), not_permitted, unavailable.
  static Result<void> make_room(const std::string& path);

  // After bind(2) and before listen(2), when nobody can connect yet. Errors: unavailable.
  static Result<SocketFile> adopt(std::string path, mode_t mode);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&&) = delete;
  // Removes the file, unless another one has taken its place.
  ~SocketFile();

 private:
  SocketFile(std::string path, dev_t device, ino_t inode) noexcept
      : path_(std::move(path)), device_(device), inode_(inode) {}

  std::string path_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace postfach::net
