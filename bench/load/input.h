// The octets that came and were not looked at yet, in a buffer that is reused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "connection.h"

namespace load {

class Input {
 public:
  explicit Input(Connection& connection) : connection_(connection) {}

  std::string_view unread() const noexcept { return std::string_view(buffer_).substr(begin_, end_ - begin_); }
  void consume(std::size_t octets) noexcept { begin_ += octets; }
  // Waits for more of them. Views of unread() are gone then.
  awaitable<void> fill();
  // The next line, without its CRLF; good until the next call.
  awaitable<std::string_view> line();
  // Passes by so many octets.
  awaitable<void> skip(std::size_t octets);
  // An idle connection needs no buffer.
  void release() noexcept;

 private:
  Connection& connection_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace load
