// An LMTP server over TCP or a Unix socket: how an MTA hands mail over.
//
//     postfach::lmtp::Server lmtp{io.get_executor(), store};
//     lmtp.listen("127.0.0.1:24").value();
//     lmtp.listen("unix:/run/postfach/lmtp").value();
//
// LMTP has no login: whoever can connect can put mail into every mailbox, under any sender. So clients over TCP have to
// come from ServerOptions::networks, and a Unix socket has permissions (net::ServerOptions::unix_mode).
//
// Threads and lifetime: as net::Server says. The store's handle is copied. Sessions block for the disk:
// see imap::Server.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/lmtp/session.h"
#include "postfach/net/networks.h"
#include "postfach/net/server.h"
#include "postfach/net/tls.h"
#include "postfach/result.h"
#include "postfach/store.h"

namespace postfach::lmtp {

struct ServerOptions {
  // The certificate and its key, as PEM files, for STARTTLS. None: mail comes in clear.
  net::TlsFiles tls = {};
  // Where clients may come from, as addresses or networks ("192.0.2.0/24"); those of a Unix socket are always let in.
  std::vector<std::string> networks = {"127.0.0.0/8", "::1"};
  // An empty hostname: what gethostname(2) says.
  SessionOptions session = {.hostname = {}};
  // Limits of connections, workers. If connections.tls is set it counts instead of tls; connections.allow is asked of
  // clients from the networks. The refusal has a default of LMTP's, the observer is the store's.
  net::ServerOptions connections = {};
};

class Server {
 public:
  // Does not fail: what is wrong with the options is told by listen().
  Server(asio::any_io_executor executor, const Store& store, ServerOptions options = {});

  // "127.0.0.1:24", "[::1]:0", "unix:/run/postfach/lmtp"; returns the port, 0 for a Unix socket. mode: nothing for
  // STARTTLS if there is a certificate and the endpoint is no Unix socket, else in clear. Errors: as of
  // net::Server::listen, and what was wrong with the TLS files or the networks.
  Result<std::uint16_t> listen(std::string_view endpoint, std::optional<net::TlsMode> mode = {});

  // Stops listening and tells every client to come again later; what was not answered yet is not lost: clients keep it.
  // Returns at once.
  void shutdown(std::chrono::milliseconds grace = std::chrono::seconds(10));

  std::size_t connections() const;
  // To renew the certificate while the server runs; an error if there is none.
  const Result<net::TlsContext>& tls() const noexcept { return tls_; }

 private:
  bool has_certificate_;
  Result<net::TlsContext> tls_;
  Result<net::Networks> networks_;
  net::Server server_;
};

}  // namespace postfach::lmtp
