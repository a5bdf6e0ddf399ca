// Files and descriptors with the durability that a mail store needs: write, fsync the file, rename, fsync the
// folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"

namespace postfach::base {

// Owns a file descriptor; closes it. Never inherited by a child process (O_CLOEXEC).
class File {
 public:
  File() noexcept = default;
  explicit File(int fd) noexcept : fd_(fd) {}
  ~File() { close(); }
  File(File&& other) noexcept : fd_(other.release()) {}
  File& operator=(File&& other) noexcept;

  static Result<File> open_for_reading(const std::string& path);
  static Result<File> create(const std::string& path);          // fails if it exists; mode 0600
  static Result<File> open_or_create(const std::string& path);  // read and write; mode 0600
  // A file in this folder that has no name and is gone once it is closed; read and write.
  static Result<File> create_unnamed(const std::string& directory);

  int fd() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }
  int release() noexcept;
  void close() noexcept;

  Result<void> write(std::string_view octets);  // all of it, at the file's position
  // Reads up to size octets at offset into buffer; fewer only at the end of the file. Any thread.
  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const;
  // Appends size octets at offset to out, or nothing. Errors: also unavailable if the file ends before.
  Result<void> read_at(std::uint64_t offset, std::size_t size, std::string& out) const;
  Result<std::uint64_t> size() const;
  Result<void> sync() const;  // fdatasync

 private:
  int fd_ = -1;
};

Result<void> make_directories(const std::string& path);  // mode 0700; parents are synced
Result<void> sync_directory(const std::string& path);
// Replaces to at once. Survives power loss only after sync_directory, so that many renames can share one.
Result<void> rename_file(const std::string& from, const std::string& to);
Result<void> remove_file(const std::string& path);            // no error if it does not exist
Result<void> remove_directory_tree(const std::string& path);  // no error if it does not exist
bool file_exists(const std::string& path) noexcept;
Result<std::vector<std::string>> list_directory(const std::string& path);  // names without "." and "..", sorted
// The whole file; Errc::limit if it has more octets than most.
Result<std::string> read_file(const std::string& path, std::uint64_t most = UINT64_MAX);
Result<std::string> make_temporary_directory();  // below TMPDIR's default, /tmp; mode 0700
std::string join_path(std::string_view directory, std::string_view name);

// The error of a system call: unavailable for ENOSPC, EDQUOT and EIO, not_found for ENOENT, and so on.
Error system_error(int number, std::string_view what);

}  // namespace postfach::base
