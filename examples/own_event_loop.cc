// IMAP without Asio: a server on poll(2), one thread, driving postfach's sessions through their contract
// (postfach/protocol/session.h). Use it as a pattern for libuv, libevent, io_uring or a loop of your own.
//
//     own_event_loop DIR PORT      serves 127.0.0.1:PORT in clear; PORT 0 takes a free one and prints it
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/imap/session.h"
#include "postfach/store.h"

namespace {

using postfach::protocol::Clock;
using postfach::protocol::Session;
using postfach::protocol::Want;

constexpr std::size_t kChunk = 64 * 1024;  // of output, before the socket gets its turn

// A session is rung from other threads, also after it is gone, so the bell lives longer than it: an eventfd.
struct Bell {
  int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  Bell() = default;
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell() { ::close(fd); }
  void ring() const { ::eventfd_write(fd, 1); }
  bool rang() const {
    eventfd_t count = 0;
    return ::eventfd_read(fd, &count) == 0;
  }
};

struct Connection {
  int fd;
  std::shared_ptr<Bell> bell;
  std::unique_ptr<Session> session;
  std::string in;   // received and not yet taken
  std::string out;  // produced and not yet sent
};

enum class Fate { open, closed };

// Moves octets until the connection has to wait for something.
Fate drive(Connection& c) {
  for (;;) {
    while (!c.out.empty()) {
      const auto sent = ::send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN || errno == EINTR ? Fate::open : Fate::closed;
      c.out.erase(0, static_cast<std::size_t>(sent));
    }
    switch (c.session->want()) {
      case Want::write:
        c.session->produce(c.out, kChunk);
        break;
      case Want::read: {
        if (c.in.empty()) return Fate::open;
        const auto taken = c.session->receive(c.in);
        if (taken == 0) return Fate::closed;  // breaks the contract: it said that it would read
        c.in.erase(0, taken);
        break;
      }
      case Want::wait:
        return Fate::open;
      case Want::start_tls:  // never asked for: Peer::can_start_tls is false
      case Want::close:
        return Fate::closed;
    }
  }
}

Fate on_readable(Connection& c) {
  char buffer[16 * 1024];
  const auto got = ::recv(c.fd, buffer, sizeof buffer, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Fate::open : Fate::closed;
  if (got == 0) {
    c.session->on_disconnect();
    return Fate::closed;
  }
  c.in.append(buffer, static_cast<std::size_t>(got));
  return Fate::open;
}

// What poll(2) has to watch: nothing is read while there is output, so a slow client holds itself up.
short events_of(const Connection& c) {
  if (!c.out.empty()) return POLLOUT;
  return c.session->want() == Want::read ? POLLIN : 0;
}

int milliseconds_to_next_deadline(const std::vector<Connection>& connections) {
  std::optional<Clock::time_point> next;
  for (const auto& c : connections) {
    const auto deadline = c.session->deadline();
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now()).count();
  return left < 0 ? 0 : static_cast<int>(std::min<std::int64_t>(left, 60'000));
}

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(fd, 128) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("own_event_loop: listen");
    std::exit(1);
  }
  std::printf("imap://127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

void accept_one(int listener, const postfach::Store& store, std::vector<Connection>& connections) {
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  auto bell = std::make_shared<Bell>();
  // Loopback only, so the login may come in clear.
  auto session =
      postfach::imap::make_session(store, postfach::imap::SessionOptions{},
                                   {.address = "127.0.0.1", .trusted_cleartext = true}, [bell] { bell->ring(); });
  connections.push_back({fd, std::move(bell), std::move(session), {}, {}});
}

volatile std::sig_atomic_t stop = 0;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s DIR PORT\n", argv[0]);
    return 64;
  }
  auto store = postfach::Store::open({.path = argv[1]});
  if (!store) {
    std::fprintf(stderr, "own_event_loop: %s\n", store.error().message.c_str());
    return 1;
  }
  struct sigaction action {};
  action.sa_handler = [](int) { stop = 1; };  // without SA_RESTART: poll(2) returns
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);

  const int listener = listen_on(static_cast<std::uint16_t>(std::atoi(argv[2])));
  std::vector<Connection> connections;
  std::vector<pollfd> watched;
  while (stop == 0) {
    watched.clear();
    watched.push_back({listener, POLLIN, 0});
    for (const auto& c : connections) {
      watched.push_back({c.fd, events_of(c), 0});
      watched.push_back({c.bell->fd, POLLIN, 0});
    }
    if (::poll(watched.data(), watched.size(), milliseconds_to_next_deadline(connections)) < 0) continue;

    const auto now = Clock::now();
    std::vector<Connection> still_open;
    for (std::size_t i = 0; i < connections.size(); ++i) {
      auto& c = connections[i];
      c.session->set_now(now);
      auto fate = Fate::open;
      const auto socket = watched[1 + 2 * i].revents;
      if ((socket & POLLIN) != 0) {
        fate = on_readable(c);
      } else if ((socket & (POLLHUP | POLLERR)) != 0) {
        c.session->on_disconnect();
        fate = Fate::closed;
      }
      if (c.bell->rang()) c.session->on_store_changed();
      if (const auto deadline = c.session->deadline(); deadline && *deadline <= now) c.session->on_deadline();
      if (fate == Fate::open) fate = drive(c);
      if (fate == Fate::open) {
        still_open.push_back(std::move(c));
      } else {
        ::close(c.fd);
      }
    }
    connections = std::move(still_open);
    if (watched[0].revents != 0) {
      accept_one(listener, *store, connections);
      if (!connections.empty()) {
        connections.back().session->set_now(now);
        if (drive(connections.back()) == Fate::closed) {
          ::close(connections.back().fd);
          connections.pop_back();
        }
      }
    }
  }
  for (auto& c : connections) {
    c.session->set_now(Clock::now());
    c.session->on_shutdown();
    drive(c);  // says BYE
    ::close(c.fd);
  }
  ::close(listener);
  return 0;
}
