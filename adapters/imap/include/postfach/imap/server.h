// An IMAP server in your program: a store, a certificate, a port.
//
//     postfach::imap::Server imap{io.get_executor(), store, {.tls = {"cert.pem", "key.pem"}}};
//     imap.listen("127.0.0.1:1993").value();
//     io.run();
//
// Threads: as net::Server says; any thread may call any function. The store's handle is copied. Sessions block for the
// disk, and for some 20 to 60 ms of CPU at each login: run the context on several threads unless a few users are all
// there will be, or give connections.workers a thread pool if the context has to stay on one.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "postfach/imap/session.h"
#include "postfach/net/server.h"
#include "postfach/net/tls.h"
#include "postfach/result.h"
#include "postfach/store.h"

namespace postfach::imap {

struct ServerOptions {
  // The certificate and its key, as PEM files. Loaded once; see Server::tls() for others by name and for renewal.
  net::TlsFiles tls = {};
  // What clients may do: greeting, authenticator, timeouts.
  SessionOptions session = {};
  // Limits of connections, workers, the host's connection policy. If connections.tls is set it counts instead of tls,
  // so that several servers can share one. The refusal, the tick and the observer have a default of IMAP's and the
  // store's own; a tick that is given is called as well.
  net::ServerOptions connections = {};
};

class Server {
 public:
  // Does not fail: what is wrong with the certificate is told by listen().
  Server(asio::any_io_executor executor, const Store& store, ServerOptions options = {});

  // "127.0.0.1:1993", "[::]:993"; port 0 takes any. Returns the port. As often as needed, in any mode: usually implicit
  // TLS on port 993 (RFC 8314 §3.2), perhaps STARTTLS on port 143. Errors: those of net::Server::listen() and of
  // net::TlsContext::load().
  Result<std::uint16_t> listen(std::string_view endpoint, net::TlsMode mode = net::TlsMode::implicit);

  // Says BYE to all clients and closes; returns at once. See net::Server.
  void shutdown(std::chrono::milliseconds grace = std::chrono::seconds(10));

  std::size_t connections() const;
  // To renew the certificate, or to add others by server name, while the server runs.
  const Result<net::TlsContext>& tls() const noexcept { return tls_; }

 private:
  Result<net::TlsContext> tls_;
  net::Server server_;
};

}  // namespace postfach::imap
