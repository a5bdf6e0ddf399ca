#include "postfach/pop3/server.h"

#include <utility>

namespace postfach::pop3 {
namespace {

Result<net::TlsContext> load_tls(const ServerOptions& options) {
  if (options.connections.tls) return *options.connections.tls;
  if (options.tls.certificate.empty()) return Error{Errc::invalid_argument, "the POP3 server has no certificate"};
  return net::TlsContext::load(options.tls);
}

net::ServerOptions connection_options(const Store& store, net::ServerOptions options,
                                      const Result<net::TlsContext>& tls) {
  if (tls) options.tls = *tls;
  if (options.refusal.empty()) options.refusal = "-ERR [SYS/TEMP] Too many connections, please try again later\r\n";
  options.tick = [store, next = std::move(options.tick)] {
    store.do_upkeep();
    if (next) next();
  };
  if (!options.observer) options.observer = store.options().observer;
  return options;
}

net::SessionFactory session_factory(Store store, SessionOptions options) {
  return [store = std::move(store), options = std::move(options)](protocol::Peer peer, protocol::Ring ring) {
    return make_session(store, options, std::move(peer), std::move(ring));
  };
}

}  // namespace

Server::Server(asio::any_io_executor executor, const Store& store, ServerOptions options)
    : tls_(load_tls(options)),
      server_(std::move(executor), session_factory(store, std::move(options.session)),
              connection_options(store, std::move(options.connections), tls_)) {}

Result<std::uint16_t> Server::listen(std::string_view endpoint, net::TlsMode mode) {
  if (!tls_ && mode != net::TlsMode::cleartext) return tls_.error();
  return server_.listen(endpoint, mode);
}

void Server::shutdown(std::chrono::milliseconds grace) { server_.shutdown(grace); }

std::size_t Server::connections() const { return server_.connections(); }

}  // namespace postfach::pop3
