#include "postfach/lmtp/server.h"

#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

namespace postfach::lmtp {
namespace {

Result<net::TlsContext> load_tls(const ServerOptions& options) {
  if (options.connections.tls) return *options.connections.tls;
  if (options.tls.certificate.empty()) return Error{Errc::invalid_argument, "the LMTP server has no certificate"};
  return net::TlsContext::load(options.tls);
}

// Without networks nobody gets in over TCP; listen() tells why.
std::function<bool(const std::string&)> policy(const Result<net::Networks>& networks,
                                               std::function<bool(const std::string&)> host) {
  return [known = networks ? *networks : net::Networks(), host = std::move(host)](const std::string& address) {
    return (address == "unix" || known.contains(address)) && (!host || host(address));
  };
}

net::ServerOptions connection_options(const Store& store, net::ServerOptions options,
                                      const Result<net::TlsContext>& tls, const Result<net::Networks>& networks) {
  if (tls) options.tls = *tls;
  options.allow = policy(networks, std::move(options.allow));
  if (options.refusal.empty()) options.refusal = "421 4.3.2 Too many connections, please try again later\r\n";
  options.tick = [store, next = std::move(options.tick)] {
    store.do_upkeep();
    if (next) next();
  };
  if (!options.observer) options.observer = store.options().observer;
  return options;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "localhost";
  return name.data();
}

net::SessionFactory session_factory(const Store& store, SessionOptions options) {
  if (options.hostname.empty()) options.hostname = host_name();
  return [store, shared = std::make_shared<const SessionOptions>(std::move(options))](
             protocol::Peer peer, const protocol::Ring&) { return make_session(store, shared, std::move(peer)); };
}

}  // namespace

Server::Server(asio::any_io_executor executor, const Store& store, ServerOptions options)
    : has_certificate_(options.connections.tls.has_value() || !options.tls.certificate.empty()),
      tls_(load_tls(options)),
      networks_(net::Networks::parse(options.networks)),
      server_(std::move(executor), session_factory(store, std::move(options.session)),
              connection_options(store, std::move(options.connections), tls_, networks_)) {}

Result<std::uint16_t> Server::listen(std::string_view endpoint, std::optional<net::TlsMode> mode) {
  if (!networks_) return networks_.error();
  const bool is_unix = endpoint.starts_with("unix:");
  if (!mode) mode = has_certificate_ && !is_unix ? net::TlsMode::starttls : net::TlsMode::cleartext;
  if (*mode != net::TlsMode::cleartext && !tls_) return tls_.error();
  return server_.listen(endpoint, *mode);
}

void Server::shutdown(std::chrono::milliseconds grace) { server_.shutdown(grace); }

std::size_t Server::connections() const { return server_.connections(); }

}  // namespace postfach::lmtp
