// One connection: the loop of session.h as a coroutine, over a socket in clear or under TLS.
//
// Invariants:
// - Everything but the session's turns runs on the connection's strand. A turn, which reads what has come and sends the
//   answer, runs there too, or on the workers while the coroutine waits for it; so nothing is ever used by two threads at
//   once, and needs no lock.
// - Handlers of the socket, the timer, the doorbell and of shutdown set a flag and wake the coroutine. They call neither
//   the session nor the stream. They may run during a turn: what a turn and they both set is atomic.
// - The coroutine owns nothing that outlives a wait: no buffer, no reference to the connection. The registry and the
//   handlers own the connection, which owns the coroutine; so a context that is destroyed with handlers in it frees all.
// - A thread that stays with its client blocks the strand for ServerOptions::patience at most: what is posted there waits.
// - There is one timer. It is set again only for an earlier time; when it comes too early, because the deadline has moved
//   on since, it is set for the rest.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "postfach/net/server.h"
#include "read_buffers.h"
#include "registry.h"
#include "stream.h"
#include "watched_socket.h"

namespace postfach::net {

// What the connections of a server share. Outlives the Server as long as one of them does.
struct Environment {
  Environment(SessionFactory make_session, ServerOptions with)
      : factory(std::move(make_session)),
        options(std::move(with)),
        buffers(options.read_buffer_size),
        registry(options.max_connections, options.max_connections_per_address) {}

  void log(Severity severity, std::string_view event, std::string_view remote, std::string_view detail) const noexcept;

  SessionFactory factory;
  ServerOptions options;
  ReadBuffers buffers;
  Registry registry;
  std::atomic<std::size_t> patient = 0;  // threads that wait for their client
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = WatchedSocket::Socket;  // TCP or Unix
  // The socket is non-blocking, and its executor is a strand.
  Connection(std::shared_ptr<Environment> environment, Socket socket, TlsMode mode, std::string address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Instead of start(), before anything else uses it: tells the client why, if that can be said in clear.
  void refuse() noexcept;

  // From any thread:
  void start();        // on a thread of the context it does at once what can be done
  void say_goodbye();  // on_shutdown(), what is to be sent, close
  void abort();        // close at once

 private:
  using Clock = protocol::Clock;
  using Want = protocol::Want;

  // For so long a connection may work without letting others have their turn, and answers may wait for those to commands
  // that came along with theirs.
  static constexpr std::chrono::milliseconds kLongestBatch{20};

  // A coroutine that begins when it is resumed, and stays at its end until it is destroyed.
  struct Coroutine {
    struct promise_type {
      Coroutine get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_always final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept { failure = std::current_exception(); }
      std::exception_ptr failure;
    };
    std::coroutine_handle<promise_type> handle;
  };

  // What a wait is for. An abort and the time always end it.
  enum Interest : unsigned { readable = 1, writable = 2, rung = 4, goodbye = 8 };

  // What the session must be told of at its next turn.
  struct Events {
    bool rung = false;
    bool goodbye = false;
    bool disconnected = false;
    bool tls_started = false;
  };

  // The doorbell outlives the connection: whoever holds it may ring at any time, from any thread.
  struct Bell {
    std::mutex mutex;
    bool rung = false;
    std::weak_ptr<Connection> connection;
    asio::any_io_executor executor;  // empty when the connection is closed
    void ring() noexcept;
    void silence() noexcept;
  };

  struct Wait;
  struct Elsewhere;
  struct Yield;

  Coroutine serve();
  void resume(std::coroutine_handle<> handle);
  void finish() noexcept;
  void log(Severity severity, std::string_view event, std::string_view detail) const noexcept;

  // Waiting.
  Wait wait(unsigned interest, Clock::time_point until = Clock::time_point::max()) noexcept;
  bool is_ready() const noexcept;
  void arm();
  void arm_timer();
  bool stay() noexcept;
  void wake();

  // The steps of serve().
  void begin_handshake();
  void make_session();
  Events take_events() noexcept;
  void take_turn();
  void offer();
  void come_due(Clock::time_point now);
  bool fetch();
  enum class Sent : unsigned char { all, blocked, failed };
  Sent send() noexcept;
  void send_early() noexcept;
  bool discard() noexcept;
  void park();
  void free_buffers();
  bool has_workers() const noexcept { return static_cast<bool>(environment_->options.workers); }

  const std::shared_ptr<Environment> environment_;
  WatchedSocket socket_;
  asio::steady_timer timer_;
  const TlsMode mode_;
  const std::string address_;

  Stream stream_;
  std::unique_ptr<protocol::Session> session_;
  std::shared_ptr<Bell> bell_;
  Input input_;
  std::string out_;
  std::size_t sent_ = 0;  // of out_

  // What the last turn left.
  Want want_ = Want::write;
  std::optional<Clock::time_point> deadline_;
  std::size_t output_limit_ = 0;
  Clock::time_point login_end_ =
      Clock::time_point::max();  // when a client that has not logged in must have its answers
  Events turn_events_;
  std::exception_ptr turn_failure_;

  // What has happened since.
  Events events_;
  std::atomic<bool> may_read_ = true;  // the socket may have octets
  std::atomic<bool> may_write_ = true;
  bool at_end_ = false;  // the client has closed its side
  bool lost_ = false;    // the connection is of no use
  bool aborted_ = false;
  bool is_brisk_ = true;  // the client has most often something new for us at once

  // The wait.
  Coroutine coroutine_{};
  std::coroutine_handle<> waiting_;
  unsigned interest_ = 0;
  bool read_armed_ = false;
  bool write_armed_ = false;
  Clock::time_point until_{};
  Clock::time_point timer_at_ = Clock::time_point::max();  // max: not armed
};

}  // namespace postfach::net
