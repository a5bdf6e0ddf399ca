#include "connection.h"

#include <algorithm>
#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <stdexcept>
#include <utility>

#include "tls_context.h"

namespace postfach::net {
namespace {

using namespace std::chrono_literals;

// After the last octet the client may take its time to close, so that what it still sends does not reset the
// connection before our farewell is read.
constexpr auto longest_linger = 1s;

}  // namespace

void Environment::log(Severity severity, std::string_view event, std::string_view remote,
                      std::string_view detail) const noexcept {
  if (!options.observer) return;
  options.observer({.severity = severity, .event = event, .account = {}, .remote = remote, .detail = detail});
}

// --- Waiting --------------------------------------------------------------------------------------------------------

struct Connection::Wait {
  Connection& connection;
  bool await_ready() const noexcept { return connection.is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) const {
    connection.arm();
    connection.waiting_ = handle;
  }
  void await_resume() const noexcept {}
};

// Lets the other connections of this thread run.
struct Connection::Yield {
  Connection& connection;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    asio::post(connection.socket_.executor(), [self = connection.shared_from_this(), handle] { self->resume(handle); });
  }
  void await_resume() const noexcept {}
};

// The session's turn on the workers; resumes on the strand.
struct Connection::Elsewhere {
  Connection& connection;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    // Workers that have stopped may keep the job for longer than the connection's context lives.
    asio::post(connection.environment_->options.workers, [weak = connection.weak_from_this(), handle] {
      std::shared_ptr<Connection> self = weak.lock();
      if (!self) return;
      try {
        self->take_turn();
        self->send_early();
      } catch (...) {
        self->turn_failure_ = std::current_exception();
      }
      const asio::any_io_executor strand = self->socket_.executor();
      asio::post(strand, [self = std::move(self), handle] { self->resume(handle); });
    });
  }
  void await_resume() const {
    if (connection.turn_failure_) std::rethrow_exception(std::exchange(connection.turn_failure_, nullptr));
  }
};

Connection::Wait Connection::wait(unsigned interest, Clock::time_point until) noexcept {
  interest_ = interest;
  until_ = until;
  return {*this};
}

bool Connection::is_ready() const noexcept {
  return aborted_ || ((interest_ & readable) != 0 && may_read_) || ((interest_ & writable) != 0 && may_write_) ||
         ((interest_ & rung) != 0 && events_.rung) || ((interest_ & goodbye) != 0 && events_.goodbye) ||
         (until_ != Clock::time_point::max() && until_ <= Clock::now());
}

void Connection::arm() {
  if ((interest_ & readable) != 0 && !read_armed_) {
    socket_.watched().async_wait(Socket::wait_read, [self = shared_from_this()](const asio::error_code&) {
      self->read_armed_ = false;
      self->may_read_ = true;
      self->wake();
    });
    read_armed_ = true;
  }
  if ((interest_ & writable) != 0 && !write_armed_) {
    socket_.watched().async_wait(Socket::wait_write, [self = shared_from_this()](const asio::error_code&) {
      self->write_armed_ = false;
      self->may_write_ = true;
      self->wake();
    });
    write_armed_ = true;
  }
  arm_timer();
}

void Connection::arm_timer() {
  if (until_ >= timer_at_) return;
  timer_.expires_at(until_);
  timer_at_ = until_;
  timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (error == asio::error::operation_aborted) return;  // set for another time since
    self->timer_at_ = Clock::time_point::max();
    self->wake();
    if (self->waiting_) self->arm_timer();
  });
}

// True: there is something to read. Many clients send a command as soon as they have the answer to the last one: to block
// for it costs a fraction of what it costs to have the context wake a thread for it.
bool Connection::stay() noexcept {
  const ServerOptions& options = environment_->options;
  if (options.patience.count() == 0 || !is_brisk_ || read_armed_ || write_armed_) return false;
  if (aborted_ || events_.rung || events_.goodbye) return false;
  std::atomic<std::size_t>& patient = environment_->patient;
  is_brisk_ = patient.fetch_add(1) < options.most_patient && socket_.wait_readable(options.patience);
  patient.fetch_sub(1);
  if (is_brisk_) may_read_ = true;
  return is_brisk_;
}

void Connection::wake() {
  if (waiting_ && is_ready()) resume(std::exchange(waiting_, nullptr));
}

void Connection::resume(std::coroutine_handle<> handle) {
  handle.resume();
  if (coroutine_.handle.done()) finish();
}

// --- Life -----------------------------------------------------------------------------------------------------------

Connection::Connection(std::shared_ptr<Environment> environment, Socket socket, TlsMode mode, std::string address)
    : environment_(std::move(environment)),
      socket_(std::move(socket)),
      timer_(socket_.executor()),
      mode_(mode),
      address_(std::move(address)),
      stream_(socket_.descriptor(), environment_->buffers),
      input_(environment_->buffers) {}

Connection::~Connection() {
  if (bell_) bell_->silence();
  if (coroutine_.handle) coroutine_.handle.destroy();
}

void Connection::refuse() noexcept {
  const std::string& refusal = environment_->options.refusal;
  if (mode_ != TlsMode::implicit && !refusal.empty()) {
    stream_.write(refusal.data(), refusal.size());
    stream_.finish();
    discard();  // unread octets would reset the connection, and our line would be lost
  }
  socket_.close();
}

void Connection::start() {
  coroutine_ = serve();
  // Here and now, if this is a thread of the context: it needs no other one for that.
  asio::dispatch(socket_.executor(), [self = shared_from_this()] {
    if (self->environment_->options.patience.count() > 0) self->socket_.unwatch();
    self->resume(self->coroutine_.handle);
  });
}

void Connection::say_goodbye() {
  asio::post(socket_.executor(), [self = shared_from_this()] {
    self->events_.goodbye = true;
    self->wake();
  });
}

void Connection::abort() {
  asio::post(socket_.executor(), [self = shared_from_this()] {
    self->aborted_ = true;
    self->wake();
  });
}

void Connection::finish() noexcept {
  if (const std::exception_ptr failure = coroutine_.handle.promise().failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& exception) {
      log(Severity::error, "session_exception", exception.what());
    } catch (...) {
      log(Severity::error, "session_exception", "of an unknown type");
    }
  }
  if (bell_) bell_->silence();
  session_.reset();
  input_.release();
  timer_.cancel();
  socket_.close();
  environment_->registry.remove(this);
  log(Severity::debug, "connection_closed", {});
}

void Connection::log(Severity severity, std::string_view event, std::string_view detail) const noexcept {
  environment_->log(severity, event, address_, detail);
}

void Connection::Bell::ring() noexcept {
  const std::lock_guard lock(mutex);
  if (rung || !executor) return;
  try {
    asio::post(executor, [weak = connection, this] {
      const std::shared_ptr<Connection> self = weak.lock();
      if (!self) return;
      {
        const std::lock_guard lock_here(mutex);
        rung = false;  // a ring from here on is news
      }
      self->events_.rung = true;
      self->wake();
    });
    rung = true;
  } catch (...) {
    // No memory: the next ring tries again.
  }
}

void Connection::Bell::silence() noexcept {
  const std::lock_guard lock(mutex);
  executor = {};
}

// --- The loop -------------------------------------------------------------------------------------------------------

Connection::Coroutine Connection::serve() {
  bool shaking_hands = mode_ == TlsMode::implicit;
  if (shaking_hands) {
    begin_handshake();
  } else {
    make_session();
  }
  Clock::time_point handshake_end = Clock::now() + environment_->options.handshake_timeout;
  Clock::time_point batch_end = Clock::now() + kLongestBatch;

  for (;;) {
    while (shaking_hands) {
      const Stream::Status status = stream_.handshake();
      if (status == Stream::Status::done) {
        shaking_hands = false;
        may_read_ = true;
        if (session_) {
          events_.tls_started = true;
        } else {
          make_session();
        }
      } else if (status == Stream::Status::want_read || status == Stream::Status::want_write) {
        const bool reading = status == Stream::Status::want_read;
        (reading ? may_read_ : may_write_) = false;
        if (reading && Clock::now() < handshake_end && stay()) continue;
        co_await wait((reading ? readable : writable) | goodbye, handshake_end);
        if (aborted_ || events_.goodbye) co_return;
        if (Clock::now() >= handshake_end) {
          log(Severity::debug, "tls_failed", "no handshake in time");
          co_return;
        }
      } else {
        log(Severity::debug, "tls_failed", status == Stream::Status::closed ? "closed by the client" : tls_error());
        co_return;
      }
    }

    turn_events_ = take_events();
    if (has_workers()) {
      co_await Elsewhere{*this};
    } else {
      take_turn();
    }
    if (aborted_) co_return;
    const bool out_of_time = Clock::now() >= batch_end;
    for (Sent sent = lost_ ? Sent::failed : send(); sent != Sent::all; sent = send()) {
      if (sent == Sent::failed) {
        lost_ = true;
        out_.clear();
        sent_ = 0;
        break;
      }
      park();
      const Clock::time_point stalled = std::min(Clock::now() + environment_->options.write_timeout, login_end_);
      co_await wait(writable, stalled);
      if (aborted_) co_return;
      if (!may_write_ && Clock::now() >= stalled) {
        log(Severity::info, "write_stalled", "the client takes none of its answer");
        co_return;
      }
    }
    if (out_of_time) {
      park();
      co_await Yield{*this};
      if (aborted_) co_return;
      batch_end = Clock::now() + kLongestBatch;
    }
    if (lost_ && turn_events_.disconnected) co_return;
    if (lost_) {
      events_.disconnected = true;
      continue;
    }

    switch (want_) {
      case Want::write:
        continue;
      case Want::close:
        break;
      case Want::start_tls:
        // What follows STARTTLS in clear could come from somebody else than the client. Taken into the encrypted
        // session it would be a command of the client's.
        if (!input_.empty()) {
          log(Severity::warning, "starttls_injection", "octets in clear behind the command to start TLS");
          co_return;
        }
        free_buffers();
        begin_handshake();
        handshake_end = Clock::now() + environment_->options.handshake_timeout;
        shaking_hands = true;
        continue;
      case Want::read:
        if (!input_.empty() || fetch()) continue;
        if (at_end_ || lost_) {
          if (turn_events_.disconnected) co_return;
          events_.disconnected = true;
          continue;
        }
        [[fallthrough]];
      case Want::wait: {
        if (want_ == Want::read && stay() && fetch()) continue;
        free_buffers();
        const unsigned reading = want_ == Want::read ? readable : 0U;
        const Clock::time_point rests_since = Clock::now();
        co_await wait(reading | rung | goodbye, deadline_.value_or(Clock::time_point::max()));
        is_brisk_ = Clock::now() - rests_since < environment_->options.patience;
        if (aborted_) co_return;
        batch_end = Clock::now() + kLongestBatch;
        if (want_ == Want::read) fetch();
        continue;
      }
    }
    break;  // the session wants to close
  }

  // The client may come back as soon as it has read the last line, and must find nothing of this session.
  bell_->silence();
  session_.reset();
  free_buffers();
  stream_.finish();
  const Clock::time_point linger_end = Clock::now() + longest_linger;
  while (!at_end_ && discard()) {
    if (may_read_) {
      co_await Yield{*this};
    } else if (!stay()) {
      co_await wait(readable, linger_end);
    }
    if (aborted_ || Clock::now() >= linger_end) co_return;
  }
}

void Connection::begin_handshake() {
  if (!environment_->options.tls) throw std::logic_error("a session wants TLS where there is no certificate");
  if (!stream_.start_tls(*environment_->options.tls)) throw std::bad_alloc();
}

void Connection::make_session() {
  bell_ = std::make_shared<Bell>();
  bell_->connection = weak_from_this();
  bell_->executor = socket_.executor();
  protocol::Peer peer{.address = address_,
                      .tls = {},
                      .can_start_tls = mode_ == TlsMode::starttls,
                      .trusted_cleartext = mode_ == TlsMode::cleartext};
  if (stream_.is_tls()) peer.tls = stream_.tls_info();
  session_ = environment_->factory(std::move(peer), [bell = bell_] { bell->ring(); });
  if (!session_) throw std::runtime_error("the session factory made no session");
}

// The bell and goodbye wait until the session has nothing under way, as in the loop of session.h.
Connection::Events Connection::take_events() noexcept {
  Events taken = std::exchange(events_, {});
  if (want_ != Want::write) return taken;
  events_.rung = std::exchange(taken.rung, false);
  events_.goodbye = std::exchange(taken.goodbye, false);
  return taken;
}

}  // namespace postfach::net
