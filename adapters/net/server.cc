#include "postfach/net/server.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <utility>

#include "connection.h"
#include "endpoint.h"
#include "stream.h"
#include "unix_socket.h"

namespace postfach::net {
namespace {

using asio::ip::tcp;
using Protocol = asio::generic::stream_protocol;
using Socket = Connection::Socket;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using namespace std::chrono_literals;

// Out of file descriptors or memory: trying again at once would only burn the processor. New clients wait in the
// kernel's queue meanwhile.
constexpr auto accept_pause = 100ms;

// A client whose machine or network has gone is noticed after about 12 minutes, whatever the protocol waits for. More
// often would wake the radios of phones.
void keep_alive(Socket& socket) {
  asio::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
#if defined(TCP_KEEPIDLE) && defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
  using Idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
  using Interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
  using Count = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
  socket.set_option(Idle(600), ignored);
  socket.set_option(Interval(30), ignored);
  socket.set_option(Count(4), ignored);
#endif
}

// A program that the host starts must not inherit our sockets.
void close_on_exec(int descriptor) noexcept { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

Error listen_error(const asio::error_code& error, std::string_view endpoint) {
  const Errc code = error == asio::error::address_in_use  ? Errc::in_use
                    : error == asio::error::access_denied ? Errc::not_permitted
                                                          : Errc::unavailable;
  return {code, "cannot listen at " + std::string(endpoint) + ": " + error.message()};
}

// Nothing for another family.
std::optional<tcp::endpoint> tcp_endpoint(const Protocol::endpoint& endpoint) {
  tcp::endpoint result;
  const int family = endpoint.protocol().family();
  if ((family != AF_INET && family != AF_INET6) || endpoint.size() > result.capacity()) return std::nullopt;
  std::memcpy(result.data(), endpoint.data(), endpoint.size());
  result.resize(endpoint.size());
  return result;
}

}  // namespace

// Asio's objects are used under the mutex: handlers run on any thread of the executor, the functions of Server on any
// other.
struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  struct Listener {
    Listener(const asio::any_io_executor& executor, TlsMode with) : acceptor(executor), pause(executor), mode(with) {}
    Acceptor acceptor;
    asio::steady_timer pause;
    TlsMode mode;
    bool paused = false;
    std::optional<SocketFile> file;  // of a Unix socket
  };

  Impl(asio::any_io_executor on, SessionFactory factory, ServerOptions options)
      : executor(std::move(on)),
        environment(std::make_shared<Environment>(std::move(factory), std::move(options))),
        tick_timer(executor),
        grace_timer(executor) {}

  void accept(Listener& listener);
  void on_accept(Listener& listener, const asio::error_code& error, Socket socket);
  std::shared_ptr<Connection> admit(Socket socket, TlsMode mode);
  Result<std::uint16_t> open(Listener& listener, std::string_view endpoint, const tcp::endpoint& local);
  Result<void> open_unix(Listener& listener, const std::string& path);
  void start_ticking();
  void tick_soon();
  void tick();
  bool stop_listening();
  void shut_down(std::chrono::milliseconds grace);
  void abandon();

  const asio::any_io_executor executor;
  const std::shared_ptr<Environment> environment;

  std::mutex mutex;
  bool closed = false;
  bool ticking = false;
  std::list<Listener> listeners;  // their addresses stay
  asio::steady_timer tick_timer;
  asio::steady_timer grace_timer;
};

// --- Accepting ------------------------------------------------------------------------------------------------------

void Server::Impl::accept(Listener& listener) {
  const std::lock_guard lock(mutex);
  if (closed) return;
  const asio::any_io_executor strand = asio::make_strand(executor);
  listener.acceptor.async_accept(strand,
                                 [self = shared_from_this(), &listener](const asio::error_code& error, Socket socket) {
                                   self->on_accept(listener, error, std::move(socket));
                                 });
}

void Server::Impl::on_accept(Listener& listener, const asio::error_code& error, Socket socket) {
  if (error == asio::error::operation_aborted) return;
  asio::error_code problem = error;
  std::shared_ptr<Connection> admitted;
  if (!problem) {
    try {
      admitted = admit(std::move(socket), listener.mode);
      listener.paused = false;
    } catch (const std::bad_alloc&) {
      problem = asio::error::no_memory;
    } catch (const asio::system_error& failure) {
      problem = failure.code();
    }
  }
  // A client that gave up while it was waiting is no reason to pause.
  const bool may_go_on = !problem || problem == asio::error::connection_aborted || problem == asio::error::interrupted;
  if (may_go_on) {
    accept(listener);
    if (admitted) admitted->start();
    return;
  }
  if (!std::exchange(listener.paused, true)) {
    environment->log(Severity::error, "accept_paused", {}, problem.message());
  }
  const std::lock_guard lock(mutex);
  if (closed) return;
  listener.pause.expires_after(accept_pause);
  listener.pause.async_wait([self = shared_from_this(), &listener](const asio::error_code& cancelled) {
    if (!cancelled) self->accept(listener);
  });
}

// Null if it was turned away.
std::shared_ptr<Connection> Server::Impl::admit(Socket socket, TlsMode mode) {
  asio::error_code error;
  const auto remote = tcp_endpoint(socket.remote_endpoint(error));
  if (error) return nullptr;  // gone already
  const asio::ip::address address = remote ? plain_address(remote->address()) : asio::ip::address();
  std::string text = remote ? address.to_string() : std::string(kUnixAddress);
  const ServerOptions& options = environment->options;
  if (options.allow && !options.allow(text)) {
    environment->log(Severity::info, "connection_denied", text, "by the host's policy");
    return nullptr;
  }

  close_on_exec(socket.native_handle());
  socket.native_non_blocking(true);
  socket.set_option(tcp::no_delay(true), error);
  keep_alive(socket);
#ifdef SO_NOSIGPIPE
  const int on = 1;
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif

  std::optional<AddressKey> counted = address_key(address);
  if (!remote || (options.exempt_loopback && address.is_loopback())) counted.reset();
  auto connection = std::make_shared<Connection>(environment, std::move(socket), mode, text);
  switch (environment->registry.add(connection, counted)) {
    case Registry::Verdict::admitted:
      environment->log(Severity::debug, "connection_accepted", text, {});
      return connection;
    case Registry::Verdict::too_many:
      environment->log(Severity::warning, "connection_refused", text, "too many connections");
      break;
    case Registry::Verdict::too_many_of_address:
      environment->log(Severity::info, "connection_refused", text, "too many connections from this address");
      break;
    case Registry::Verdict::closed:
      return nullptr;
  }
  connection->refuse();
  return nullptr;
}

// --- Ticks ----------------------------------------------------------------------------------------------------------

void Server::Impl::start_ticking() {
  if (!environment->options.tick) return;
  {
    const std::lock_guard lock(mutex);
    if (std::exchange(ticking, true)) return;
  }
  tick_soon();
}

void Server::Impl::tick_soon() {
  const std::lock_guard lock(mutex);
  if (closed) return;
  tick_timer.expires_after(environment->options.tick_interval);
  tick_timer.async_wait([self = shared_from_this()](const asio::error_code& cancelled) {
    if (cancelled) return;
    if (!self->environment->options.workers) return self->tick();
    asio::post(self->environment->options.workers, [self] { self->tick(); });
  });
}

void Server::Impl::tick() {
  try {
    environment->options.tick();
  } catch (const std::exception& exception) {
    environment->log(Severity::error, "tick_exception", {}, exception.what());
  } catch (...) {
    environment->log(Severity::error, "tick_exception", {}, "of an unknown type");
  }
  tick_soon();
}

// --- The end --------------------------------------------------------------------------------------------------------

// True for the first caller.
bool Server::Impl::stop_listening() {
  const std::lock_guard lock(mutex);
  asio::error_code ignored;
  for (Listener& listener : listeners) {
    listener.acceptor.close(ignored);
    listener.file.reset();
    listener.pause.cancel();
  }
  tick_timer.cancel();
  return !std::exchange(closed, true);
}

void Server::Impl::shut_down(std::chrono::milliseconds grace) {
  if (!stop_listening()) return;
  {
    const std::lock_guard lock(mutex);
    grace_timer.expires_after(grace);
    grace_timer.async_wait([environment = environment](const asio::error_code& cancelled) {
      if (cancelled) return;
      for (const auto& connection : environment->registry.all()) connection->abort();
    });
  }
  const auto stop_waiting = [weak = weak_from_this()] {
    const std::shared_ptr<Impl> self = weak.lock();
    if (!self) return;
    const std::lock_guard lock(self->mutex);
    self->grace_timer.cancel();
  };
  environment->registry.close(stop_waiting);
  for (const auto& connection : environment->registry.all()) connection->say_goodbye();
}

// The handlers that are left own what they need.
void Server::Impl::abandon() {
  stop_listening();
  {
    const std::lock_guard lock(mutex);
    grace_timer.cancel();
  }
  for (const auto& [key, entry] : environment->registry.take()) {
    try {
      entry.connection->abort();
    } catch (...) {
      // No memory: it ends when its client or its deadline does.
    }
  }
}

// --- The public class -----------------------------------------------------------------------------------------------

Server::Server(asio::any_io_executor executor, SessionFactory factory, ServerOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(factory), std::move(options))) {}

Server::~Server() {
  if (impl_) impl_->abandon();
}

Server::Server(Server&&) noexcept = default;

Server& Server::operator=(Server&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

Result<std::uint16_t> Server::Impl::open(Listener& listener, std::string_view endpoint, const tcp::endpoint& local) {
  Acceptor& acceptor = listener.acceptor;
  asio::error_code error;
  acceptor.open(Protocol(local.protocol()), error);
  if (error) return listen_error(error, endpoint);
  close_on_exec(acceptor.native_handle());
  acceptor.set_option(Acceptor::reuse_address(true), error);
  // So that "0.0.0.0" and "[::]" can both be listened at, whatever the system's default is.
  if (local.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  acceptor.bind(Protocol::endpoint(local), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  std::optional<tcp::endpoint> bound;
  if (!error) bound = tcp_endpoint(acceptor.local_endpoint(error));
  if (error) return listen_error(error, endpoint);
  return bound ? bound->port() : std::uint16_t{0};
}

Result<void> Server::Impl::open_unix(Listener& listener, const std::string& path) {
  if (auto made = SocketFile::make_room(path); !made) return made;
  Acceptor& acceptor = listener.acceptor;
  const asio::local::stream_protocol::endpoint local(path);
  asio::error_code error;
  acceptor.open(Protocol(local.protocol()), error);
  if (error) return listen_error(error, "unix:" + path);
  close_on_exec(acceptor.native_handle());
  acceptor.bind(Protocol::endpoint(local), error);
  if (error) return listen_error(error, "unix:" + path);
  auto file = SocketFile::adopt(path, environment->options.unix_mode);
  if (!file) return file.error();
  listener.file.emplace(std::move(*file));
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return listen_error(error, "unix:" + path);
  return {};
}

Result<std::uint16_t> Server::listen(std::string_view endpoint, TlsMode mode) {
  const auto path = unix_path(endpoint);
  Result<tcp::endpoint> parsed = path ? Result<tcp::endpoint>(tcp::endpoint()) : parse_endpoint(endpoint);
  if (!parsed) return std::move(parsed).error();
  if (mode != TlsMode::cleartext && !impl_->environment->options.tls) {
    return Error{Errc::invalid_argument, "no certificate was given for " + std::string(endpoint)};
  }

  std::uint16_t port = 0;
  Impl::Listener* listener = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->closed) return Error{Errc::not_permitted, "the server is shut down"};
    std::list<Impl::Listener> made;
    listener = &made.emplace_back(impl_->executor, mode);
    if (path) {
      if (auto opened = impl_->open_unix(*listener, *path); !opened) return opened.error();
    } else {
      auto opened = impl_->open(*listener, endpoint, *parsed);
      if (!opened) return opened;
      port = *opened;
    }
    impl_->listeners.splice(impl_->listeners.end(), made);
  }
  impl_->accept(*listener);
  impl_->start_ticking();
  return port;
}

void Server::shutdown(std::chrono::milliseconds grace) { impl_->shut_down(grace); }

std::size_t Server::connections() const { return impl_->environment->registry.size(); }

}  // namespace postfach::net
