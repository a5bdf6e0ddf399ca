#include "body_reader.h"

#include <algorithm>
#include <utility>

#include "search_text.h"

namespace postfach::store {

void BodyReader::enter(std::int64_t id, std::uint64_t size) {
  id_ = id;
  size_ = size;
  body_.reset();
  file_.close();
  octets_ = {};
  misses_file_ = false;
}

Result<std::string_view> BodyReader::read(std::uint64_t offset, std::uint64_t size, bool whole) {
  offset = std::min(offset, size_);
  size = std::min(size, size_ - offset);
  if (offset < first_ || offset + size > first_ + octets_.size() || octets_.empty()) {
    const bool at_once = whole && size_ <= kSearchWindow;
    if (Result<void> done = at_once ? load(0, size_) : load(offset, size); !done) return std::move(done).error();
  }
  return octets_.substr(static_cast<std::size_t>(offset - first_), static_cast<std::size_t>(size));
}

Result<std::string_view> BodyReader::read_front(std::uint64_t size) {
  if (size_ > kSearchWindow && octets_.empty()) {
    if (Result<void> done = find_body(); !done) return std::move(done).error();
    bytes_read_ += body_->header.size();
    if (!body_->header.empty()) return std::string_view(body_->header);
  }
  return read(0, size, false);
}

Result<void> BodyReader::find_body() {
  if (body_) return {};
  Result<sqlite::StoredBody> body = sqlite::find_body(db_, id_);
  if (!body) return std::move(body).error();
  body_ = *std::move(body);
  return {};
}

Result<void> BodyReader::load(std::uint64_t offset, std::uint64_t size) {
  octets_ = {};
  bytes_read_ += size;
  if (capacity_ < size) {
    buffer_ = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(size));
    capacity_ = size;
  }
  if (Result<void> done = copy(offset, size); !done) return done;
  octets_ = {buffer_.get(), static_cast<std::size_t>(size)};
  first_ = offset;
  return {};
}

Result<void> BodyReader::copy(std::uint64_t offset, std::uint64_t size) {
  // A small body is hardly ever a file: most are read without asking where they are.
  if (!body_ && size_ <= kSearchWindow && content_.read(id_, offset, size, buffer_.get())) return {};
  if (Result<void> found = find_body(); !found) return found;
  if (!body_->file.empty() && !file_.is_open()) {
    Result<base::File> file = base::File::open_for_reading(base::join_path(large_, body_->file));
    misses_file_ = !file && file.error().code == Errc::not_found;
    if (!file) return std::move(file).error();
    file_ = *std::move(file);
  }
  if (!file_.is_open()) return content_.read(id_, offset, size, buffer_.get());
  const Result<std::size_t> got = file_.read_at(offset, buffer_.get(), static_cast<std::size_t>(size));
  if (!got) return got.error();
  if (*got < size) return Error{Errc::corrupt, "a message is shorter than recorded: " + body_->file};
  return {};
}

}  // namespace postfach::store
