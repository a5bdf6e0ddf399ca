// A POP3 server over TCP and TLS.
//
//     postfach::pop3::Server pop3{io.get_executor(), store, {.tls = {"cert.pem", "key.pem"}}};
//     pop3.listen("127.0.0.1:1995").value();
//
// Threads and lifetime: as net::Server says. The store's handle is copied. Sessions block for the disk, and for some 20 to
// 60 ms of CPU at each login: see imap::Server.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "postfach/net/server.h"
#include "postfach/net/tls.h"
#include "postfach/pop3/session.h"
#include "postfach/result.h"
#include "postfach/store.h"

namespace postfach::pop3 {

struct ServerOptions {
  // The certificate and its key, as PEM files. Loaded once; see Server::tls() for others by name and for renewal.
  net::TlsFiles tls = {};
  // What clients may do: greeting, authenticator, timeouts.
  SessionOptions session = {};
  // Limits of connections, workers, the host's connection policy. If connections.tls is set it counts instead of tls,
  // so that several servers can share one. The refusal has a default of POP3's, the observer is the store's.
  net::ServerOptions connections = {};
};

class Server {
 public:
  // Does not fail: what is wrong with the certificate is told by listen().
  Server(asio::any_io_executor executor, const Store& store, ServerOptions options = {});

  // "127.0.0.1:1995", "[::]:995"; returns the port, which matters for port 0. As often as needed: 995 with
  // implicit TLS and 110 with TlsMode::starttls (STLS) go together. Errors: as of net::Server::listen, and
  // what was wrong with the TLS files.
  Result<std::uint16_t> listen(std::string_view endpoint, net::TlsMode mode = net::TlsMode::implicit);

  // Stops listening and says goodbye to every client; nothing that was not confirmed by QUIT is removed.
  // Returns at once.
  void shutdown(std::chrono::milliseconds grace = std::chrono::seconds(10));

  std::size_t connections() const;
  // To renew the certificate, or to add others by server name, while the server runs.
  const Result<net::TlsContext>& tls() const noexcept { return tls_; }

 private:
  Result<net::TlsContext> tls_;
  net::Server server_;
};

}  // namespace postfach::pop3
