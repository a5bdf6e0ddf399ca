// A server on a thread of its own, with a small scripted protocol:
//
//   echo TEXT   answers TEXT
//   flood N     answers N octets and LF, in pieces of the soft limit
//   tls         "go", then wants start_tls
//   wait        wants wait until the next ring, then answers "rung"
//   peer        answers what the session was told of its connection
//   hold TEXT   holds it until produce() is called, and takes more of these meanwhile; then "held TEXT" for each, and "of N"
//   throw       throws
//   stuck       wants to read and takes nothing
//   quit        "bye" and close
//
// It greets with "hello", tells each ring as "ding" (unless waiting) and says "down" when it is shut down.
#pragma once

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "postfach/net/server.h"

namespace postfach::test {

// What the sessions of a stage have seen; shared with them.
struct Probe {
  std::atomic<int> made = 0;
  std::atomic<int> gone = 0;
  std::atomic<int> rings = 0;
  std::atomic<int> disconnects = 0;
  std::atomic<std::size_t> most_output = 0;                // in one produce()
  std::atomic<std::size_t> flooded = 0;                    // octets of flood given out
  std::atomic<bool> overlapped = false;                    // two calls of one session at once
  std::atomic<bool> strangers = false;                     // the sessions' clients never log in
  std::optional<std::chrono::milliseconds> deadline = {};  // from the start of a session, absolute

  protocol::Ring last_ring();
  void set_last_ring(protocol::Ring ring);

 private:
  std::mutex mutex_;
  protocol::Ring ring_;
};

// A temporary directory with certificates.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  net::TlsFiles make(const std::string& name, const std::string& subdirectory);
  net::TlsContext context();  // with the default certificate "default.test"
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
};

// Waits until it is true; false after a long time.
bool eventually(const std::function<bool()>& condition);

class Stage {
 public:
  explicit Stage(net::ServerOptions options = {}, int threads = 1);
  ~Stage();

  std::uint16_t listen(net::TlsMode mode);
  net::Server& server() { return *server_; }
  void destroy_server() { server_.reset(); }
  Probe& probe() { return *probe_; }
  // Runs until there is nothing left to do, which shows that nothing was left behind.
  void join();
  bool logged(std::string_view event);

 private:
  std::shared_ptr<Probe> probe_ = std::make_shared<Probe>();
  std::mutex log_mutex_;
  std::vector<std::string> log_;
  asio::io_context io_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::optional<net::Server> server_;
  std::vector<std::thread> threads_;
};

}  // namespace postfach::test
