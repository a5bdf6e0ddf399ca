#include "watched_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace postfach::net {

WatchedSocket::Socket& WatchedSocket::watched() {
  // The family is known to the system; what is watched may be of any.
  if (!socket_.is_open()) socket_.assign(asio::generic::stream_protocol(AF_UNSPEC, 0), descriptor_);
  return socket_;
}

void WatchedSocket::unwatch() noexcept {
  asio::error_code ignored;  // then it stays watched
  if (socket_.is_open()) socket_.release(ignored);
}

bool WatchedSocket::wait_readable(std::chrono::microseconds longest) noexcept {
  unwatch();
  pollfd socket{.fd = descriptor_, .events = POLLIN, .revents = 0};
#ifdef __linux__
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec timeout{.tv_sec = static_cast<std::time_t>(seconds.count()),
                         .tv_nsec = static_cast<long>(std::chrono::nanoseconds(longest - seconds).count())};
  return ::ppoll(&socket, 1, &timeout, nullptr) > 0;
#else
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(longest);
  return ::poll(&socket, 1, static_cast<int>(milliseconds.count())) > 0;
#endif
}

void WatchedSocket::close() noexcept {
  const int descriptor = std::exchange(descriptor_, -1);
  asio::error_code ignored;
  if (socket_.is_open()) {
    socket_.close(ignored);
  } else if (descriptor >= 0) {
    ::close(descriptor);
  }
}

}  // namespace postfach::net
