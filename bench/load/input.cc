#include "input.h"

#include <algorithm>
#include <cstring>

namespace load {
namespace {

// Some records of TLS (16 KiB each).
constexpr std::size_t kBufferSize = 64UL * 1024;

}  // namespace

awaitable<void> Input::fill() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (begin_ > 0 && buffer_.size() - end_ < kBufferSize / 2) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // A line that is longer than the buffer, as SEARCH has it.
  if (buffer_.size() - end_ < kBufferSize / 2) buffer_.resize(std::max(kBufferSize, buffer_.size() * 2));
  end_ += co_await connection_.read(buffer_.data() + end_, buffer_.size() - end_);
}

awaitable<std::string_view> Input::line() {
  for (;;) {
    const auto rest = unread();
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) {
      co_await fill();
      continue;
    }
    consume(end + 1);
    co_return rest.substr(0, end > 0 && rest[end - 1] == '\r' ? end - 1 : end);
  }
}

awaitable<void> Input::skip(std::size_t octets) {
  for (;;) {
    const std::size_t here = std::min(octets, end_ - begin_);
    consume(here);
    octets -= here;
    if (octets == 0) co_return;
    co_await fill();
  }
}

void Input::release() noexcept {
  if (begin_ != end_) return;
  begin_ = end_ = 0;
  std::string().swap(buffer_);
}

}  // namespace load
