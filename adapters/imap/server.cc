#include "postfach/imap/server.h"

#include <functional>
#include <memory>
#include <utility>

namespace postfach::imap {
namespace {

Result<net::TlsContext> tls_context(const ServerOptions& options) {
  if (options.connections.tls) return *options.connections.tls;
  if (options.tls.certificate.empty()) return Error{Errc::invalid_argument, "no TLS certificate was given"};
  return net::TlsContext::load(options.tls);
}

net::ServerOptions net_options(const Store& store, net::ServerOptions options, const Result<net::TlsContext>& tls) {
  if (tls) options.tls = *tls;
  if (options.refusal.empty()) options.refusal = "* BYE [UNAVAILABLE] Too many connections\r\n";
  options.tick = [store, next = std::move(options.tick)] {
    store.notice_other_processes();
    store.do_upkeep();
    if (next) next();
  };
  if (!options.observer) options.observer = store.options().observer;
  return options;
}

net::SessionFactory factory(const Store& store, SessionOptions options) {
  return [store, shared = std::make_shared<const SessionOptions>(std::move(options))](protocol::Peer peer,
                                                                                      protocol::Ring ring) {
    return make_session(store, shared, std::move(peer), std::move(ring));
  };
}

}  // namespace

Server::Server(asio::any_io_executor executor, const Store& store, ServerOptions options)
    : tls_(tls_context(options)),
      server_(std::move(executor), factory(store, std::move(options.session)),
              net_options(store, std::move(options.connections), tls_)) {}

Result<std::uint16_t> Server::listen(std::string_view endpoint, net::TlsMode mode) {
  if (mode != net::TlsMode::cleartext && !tls_) return tls_.error();
  return server_.listen(endpoint, mode);
}

void Server::shutdown(std::chrono::milliseconds grace) { server_.shutdown(grace); }

std::size_t Server::connections() const { return server_.connections(); }

}  // namespace postfach::imap
