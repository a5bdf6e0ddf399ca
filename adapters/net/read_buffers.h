// Buffers lent to connections while they have something to read.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace postfach::net {

using Octets = std::unique_ptr<char[]>;

// Thread safe. Keeps as many free buffers as there are threads that could want one soon; the rest is freed.
class ReadBuffers {
 public:
  explicit ReadBuffers(std::size_t size) noexcept : size_(size) {}

  std::size_t size() const noexcept { return size_; }
  Octets lend();
  void give_back(Octets buffer) noexcept;

 private:
  static constexpr std::size_t most_free = 16;

  std::size_t size_;
  std::mutex mutex_;
  std::vector<Octets> free_;
};

// Octets that were read and that the session has not taken yet.
class Input {
 public:
  explicit Input(ReadBuffers& buffers) noexcept : buffers_(buffers) {}
  ~Input() { release(); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  bool empty() const noexcept { return begin_ == end_; }
  const char* data() const noexcept { return octets_.get() + begin_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  void consume(std::size_t size) noexcept { begin_ += size; }
  // Moves as much of it as there is room for, and tells how much.
  std::size_t take(char* out, std::size_t room) noexcept;

  // Where to read to, when empty: so many octets.
  char* space();
  char* try_space() noexcept;  // null: no memory
  std::size_t capacity() const noexcept { return buffers_.size(); }
  void filled(std::size_t size) noexcept { end_ = size; }

  // Before a wait: gives the buffer back; what it still holds is kept in as much memory as it needs.
  void park();
  void release() noexcept;

 private:
  ReadBuffers& buffers_;
  Octets octets_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool lent_ = false;
};

}  // namespace postfach::net
