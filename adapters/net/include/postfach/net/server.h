// A server for any protocol::Session: listeners, connections, TLS.
//
// Threads: the executor is the host's. An io_context run by one thread or by many will do; every connection has a
// strand of its own. All functions are thread safe. The executor's context must outlive the Server; connections that
// are still open when the Server goes are closed by handlers that need nothing of it.
//
// What a connection costs while it is idle: its socket, its session, the state of TLS (about 4 KiB) and a few hundred
// octets. Buffers are lent while there is something to read, and given back.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "postfach/net/tls.h"
#include "postfach/observer.h"
#include "postfach/protocol/session.h"
#include "postfach/result.h"

namespace postfach::net {

enum class TlsMode : unsigned char {
  implicit,   // TLS from the first octet (ports 993, 995)
  starttls,   // in clear, until the session wants start_tls
  cleartext,  // no TLS, and the host vouches for that: loopback, or a TLS proxy in front. Sessions may take passwords.
};

struct ServerOptions {
  // Needed for TlsMode::implicit and TlsMode::starttls.
  std::optional<TlsContext> tls = {};

  // Open connections of this server; each costs a file descriptor and some 10 KiB.
  std::size_t max_connections = 10'000;
  // Of one IPv4 address or one IPv6 /64 (which is what one customer has). Clients open several connections each, and
  // whole offices share an address.
  std::size_t max_connections_per_address = 100;
  // Webmail and proxies on the same machine are not clients: 127.0.0.0/8 and ::1 count only for max_connections.
  bool exempt_loopback = true;
  // What a client reads before it is turned away because of these limits ("* BYE Too many connections\r\n"). Sent in
  // clear, so never on TlsMode::implicit, where a handshake would cost more than a connection.
  std::string refusal = {};
  // The host's own policy: false closes the connection at once. Called for each new connection, on the executor; must
  // be quick and must not throw. The address of a client that came over a Unix socket is "unix".
  std::function<bool(const std::string& address)> allow = {};

  // Permissions of Unix sockets that the server listens at: who may write, may connect. A folder that only some may enter
  // keeps others away on every system.
  unsigned unix_mode = 0600;

  // From the first octet of TLS to the last of its handshake, whatever the client sends.
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(20);
  // A client that takes nothing of its answer for so long is gone, or holds our memory on purpose.
  std::chrono::milliseconds write_timeout = std::chrono::minutes(5);

  // One read of a socket. TLS has records of 16 KiB.
  std::size_t read_buffer_size = 16 * 1024;
  // About how much output waits for the client before the session is asked for more: the bound on its memory.
  std::size_t soft_output_limit = 64 * 1024;

  // Where sessions do their work, which may block for the disk; a thread pool of the host's. Empty: on the executor, which
  // costs less where several threads run its context, because a command needs no thread but the one that has read it.
  // Join the pool before the executor's context goes, because its threads post to it: declare it behind the context.
  asio::any_io_executor workers = {};

  // For so long a thread of the executor that has answered a client waits for its next command itself, if the client was that
  // quick before: that costs less than to wake a thread for it. Meanwhile the thread does nothing else, and what happens
  // in the account is told that much later; so no more than so many threads do it at a time, and others must be left.
  // 0: never, as it has to be where one thread runs the context.
  std::chrono::microseconds patience = std::chrono::microseconds(0);
  std::size_t most_patient = 1;

  // Called at this interval, never twice at once, on workers if there are any; for the protocol's housekeeping.
  std::function<void()> tick = {};
  std::chrono::milliseconds tick_interval = std::chrono::seconds(1);

  Observer observer = {};
};

// Makes the session of a new connection, after the handshake if TLS is implicit. May throw, which closes the
// connection. Called on the executor.
using SessionFactory = std::function<std::unique_ptr<protocol::Session>(protocol::Peer, protocol::Ring)>;

class Server {
 public:
  Server(asio::any_io_executor executor, SessionFactory factory, ServerOptions options = {});
  // Closes everything at once, without a farewell. See shutdown().
  ~Server();
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;

  // Listens at a numeric address: "127.0.0.1:1993", "[::1]:143", "0.0.0.0:0" ("[::]" is IPv6 alone). Returns the port,
  // which matters for port 0. As often as needed. Or at a Unix socket: "unix:/run/postfach/lmtp", an absolute path; a
  // socket that a server left there which is gone is replaced, and ours is removed at the end. Errors: invalid_argument
  // (address; TLS without certificate), in_use, not_permitted, unavailable.
  Result<std::uint16_t> listen(std::string_view endpoint, TlsMode mode);

  // Stops listening, lets every session say goodbye and closes its connection once that is sent, or after the grace
  // time. Returns at once; the executor runs out of work when it is done. There is no way back.
  void shutdown(std::chrono::milliseconds grace = std::chrono::seconds(10));

  std::size_t connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace postfach::net
