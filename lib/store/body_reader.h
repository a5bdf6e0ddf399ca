// The octets of bodies for whoever looks into many of them within one read transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "postfach/result.h"
#include "sqlite/bodies.h"
#include "sqlite/connection.h"

namespace postfach::store {

class BodyReader {
 public:
  // large: the directory of the bodies that are files; it must outlive the reader.
  BodyReader(sqlite::Connection& db, const std::string& large) noexcept
      : db_(db), content_(db, "content", "data"), large_(large) {}

  // Goes on to another body.
  void enter(std::int64_t id, std::uint64_t size);
  // The octets [offset, offset + size), cut to what exists; valid until the next call. whole: more of the body will be
  // asked for, so that a small one is read at once.
  Result<std::string_view> read(std::uint64_t offset, std::uint64_t size, bool whole);
  // So many octets at the beginning, or the whole header if that is what costs less; valid until the next call.
  Result<std::string_view> read_front(std::uint64_t size);

  std::uint64_t bytes_read() const noexcept { return bytes_read_; }  // of all bodies
  // The file of the body is gone. Most likely its message was expunged after this transaction began.
  bool misses_file() const noexcept { return misses_file_; }

 private:
  Result<void> find_body();
  Result<void> load(std::uint64_t offset, std::uint64_t size);
  Result<void> copy(std::uint64_t offset, std::uint64_t size);

  sqlite::Connection& db_;
  sqlite::BlobReader content_;
  const std::string& large_;
  std::int64_t id_ = 0;
  std::uint64_t size_ = 0;
  std::optional<sqlite::StoredBody> body_;
  base::File file_;
  bool misses_file_ = false;
  // Not a string: to clear what is overwritten would cost as much as to read it.
  std::unique_ptr<char[]> buffer_;
  std::uint64_t capacity_ = 0;
  std::string_view octets_;  // what of it is of the body
  std::uint64_t first_ = 0;  // where they stand in the message
  std::uint64_t bytes_read_ = 0;
};

}  // namespace postfach::store
