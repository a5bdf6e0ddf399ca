// The socket of a connection, which its context watches only while somebody waits for it there.
#pragma once

#include <asio/generic/stream_protocol.hpp>
#include <chrono>

namespace postfach::net {

// Used by one thread at a time, as a connection is.
class WatchedSocket {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  explicit WatchedSocket(Socket socket) : descriptor_(socket.native_handle()), socket_(std::move(socket)) {}
  ~WatchedSocket() { close(); }
  WatchedSocket(const WatchedSocket&) = delete;
  WatchedSocket& operator=(const WatchedSocket&) = delete;

  int descriptor() const noexcept { return descriptor_; }
  Socket::executor_type executor() { return socket_.get_executor(); }

  // For a wait on the context. Throws if it can't be watched.
  Socket& watched();
  // From now on the context hears nothing of it. No wait may be under way there.
  void unwatch() noexcept;
  // Unwatched, blocks until there is something to read, for so long at most. False: time is up, or it can't be told.
  bool wait_readable(std::chrono::microseconds longest) noexcept;

  void close() noexcept;

 private:
  int descriptor_;  // -1: closed
  Socket socket_;   // open while it is watched
};

}  // namespace postfach::net
