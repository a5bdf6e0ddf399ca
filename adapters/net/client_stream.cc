#include "client_stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <cerrno>
#include <climits>
#include <utility>

#include "base/ascii.h"
#include "base/files.h"
#include "stream.h"
#include "tls_context.h"

namespace postfach::net {
namespace {

// Where distributions keep the authorities in one file; BoringSSL knows one place alone.
constexpr const char* kAuthorities[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                        "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"};

Error timed_out() { return {Errc::unavailable, "the server does not answer"}; }

bool is_address(const std::string& host) {
  asio::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// In lower case, without colons; empty if it is none.
std::string canonical_fingerprint(std::string_view text) {
  std::string digits = base::to_lower(text);
  std::erase(digits, ':');
  const bool good = digits.size() == 64 && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return good ? digits : std::string();
}

std::string fingerprint_of(SSL* ssl) {
  const X509Ptr certificate(SSL_get_peer_certificate(ssl));
  std::uint8_t digest[SHA256_DIGEST_LENGTH];
  unsigned size = sizeof digest;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest, &size) != 1) return {};
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : digest) {
    out += hex[octet >> 4U];
    out += hex[octet & 15U];
  }
  return out;
}

}  // namespace

struct ClientStream::Impl {
  Impl(std::string name, std::chrono::seconds most) : host(std::move(name)), timeout(most) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (ssl) SSL_shutdown(ssl.get());
    if (descriptor >= 0) ::close(descriptor);
  }

  Result<void> wait(short events) const {
    pollfd one{descriptor, events, 0};
    const int most = static_cast<int>(std::chrono::milliseconds(timeout).count());
    int ready = ::poll(&one, 1, most);
    while (ready < 0 && errno == EINTR) ready = ::poll(&one, 1, most);
    if (ready > 0) return {};
    return ready == 0 ? timed_out() : base::system_error(errno, "poll");
  }
  Result<void> open(const addrinfo& address);
  Result<SslCtxPtr> make_context(const ClientTls& options) const;

  std::string host;
  std::chrono::seconds timeout;
  int descriptor = -1;
  SocketBio socket{-1};  // under TLS
  SslCtxPtr context;
  BioMethodPtr bio_method;
  SslPtr ssl;
};

Result<void> ClientStream::Impl::open(const addrinfo& address) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
  descriptor = ::socket(address.ai_family, address.ai_socktype, address.ai_protocol);
  if (descriptor < 0) return base::system_error(errno, "socket");
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  const auto failed = [&](int number) {
    return Error{Errc::unavailable, base::system_error(number, "connect to " + host).message};
  };
  if (::connect(descriptor, address.ai_addr, address.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return failed(errno);
  if (auto ready = wait(POLLOUT); !ready) return ready;
  int number = 0;
  socklen_t size = sizeof number;
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size);
  return number == 0 ? Result<void>() : Result<void>(failed(number));
}

ClientStream::ClientStream(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
ClientStream::ClientStream(ClientStream&&) noexcept = default;
ClientStream& ClientStream::operator=(ClientStream&&) noexcept = default;
ClientStream::~ClientStream() = default;

Result<ClientStream> ClientStream::connect(const std::string& host, std::uint16_t port, std::chrono::seconds timeout) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list); error != 0) {
    return Error{Errc::invalid_argument, host + ": " + ::gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, decltype([](addrinfo* all) { ::freeaddrinfo(all); })> addresses(list);
  auto impl = std::make_unique<Impl>(host, timeout);
  Result<void> opened = Error{Errc::unavailable, host + " has no address"};
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    opened = impl->open(*each);
    if (opened) return ClientStream(std::move(impl));
  }
  return opened.error();
}

Result<SslCtxPtr> ClientStream::Impl::make_context(const ClientTls& options) const {
  ERR_clear_error();
  SslCtxPtr made(SSL_CTX_new(TLS_method()));
  if (!made || SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION) != 1) {
    return Error{Errc::internal, "BoringSSL: " + tls_error()};
  }
  if (!options.verify || !options.fingerprint.empty()) {
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
    return made;
  }
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
  if (!options.ca_file.empty()) {
    if (SSL_CTX_load_verify_locations(made.get(), options.ca_file.c_str(), nullptr) != 1) {
      return Error{Errc::invalid_argument, options.ca_file + " has no certificates: " + tls_error()};
    }
    return made;
  }
  const auto* const file = std::find_if(std::begin(kAuthorities), std::end(kAuthorities), base::file_exists);
  const bool loaded = file != std::end(kAuthorities) ? SSL_CTX_load_verify_locations(made.get(), *file, nullptr) == 1
                                                     : SSL_CTX_set_default_verify_paths(made.get()) == 1;
  if (!loaded) return Error{Errc::unavailable, "the system has no certificates of authorities: " + tls_error()};
  return made;
}

Result<void> ClientStream::start_tls(const ClientTls& options) {
  if (auto library = check_tls_library(); !library) return library;
  const std::string pinned = canonical_fingerprint(options.fingerprint);
  if (pinned.empty() && !options.fingerprint.empty()) {
    return Error{Errc::invalid_argument, "a fingerprint has 64 hex digits (SHA-256)"};
  }
  auto context = impl_->make_context(options);
  if (!context) return std::move(context).error();
  impl_->context = *std::move(context);
  impl_->bio_method = make_socket_bio_method();
  SslPtr ssl(SSL_new(impl_->context.get()));
  BioPtr bio(impl_->bio_method ? BIO_new(impl_->bio_method.get()) : nullptr);
  if (!ssl || !bio) return Error{Errc::internal, "BoringSSL: " + tls_error()};
  impl_->socket.descriptor = impl_->descriptor;
  BIO_set_data(bio.get(), &impl_->socket);
  BIO_set_init(bio.get(), 1);
  BIO* const both = bio.release();
  SSL_set_bio(ssl.get(), both, both);
  // RFC 9525 §6: the name that was asked for, or the address.
  X509_VERIFY_PARAM* const names = SSL_get0_param(ssl.get());
  const bool is_number = is_address(impl_->host);
  const bool named = is_number ? X509_VERIFY_PARAM_set1_ip_asc(names, impl_->host.c_str()) == 1
                               : X509_VERIFY_PARAM_set1_host(names, impl_->host.data(), impl_->host.size()) == 1 &&
                                     SSL_set_tlsext_host_name(ssl.get(), impl_->host.c_str()) == 1;
  if (!named) return Error{Errc::invalid_argument, "not a host name: " + impl_->host};
  SSL_set_connect_state(ssl.get());
  for (;;) {
    const int done = SSL_do_handshake(ssl.get());
    if (done == 1) break;
    const int reason = SSL_get_error(ssl.get(), done);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      const long verified = SSL_get_verify_result(ssl.get());
      if (verified != X509_V_OK) {
        ERR_clear_error();
        return Error{Errc::auth_failed,
                     "the certificate of " + impl_->host + " is not good: " + X509_verify_cert_error_string(verified)};
      }
      return Error{Errc::unavailable, "TLS with " + impl_->host + " failed: " + tls_error()};
    }
    if (auto ready = impl_->wait(reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT); !ready) return ready;
  }
  if (const auto found = fingerprint_of(ssl.get()); !pinned.empty() && found != pinned) {
    return Error{Errc::auth_failed,
                 "the certificate of " + impl_->host + " is another one, its fingerprint is " + found};
  }
  impl_->ssl = std::move(ssl);
  return {};
}

bool ClientStream::is_tls() const noexcept { return impl_->ssl != nullptr; }

Result<std::size_t> ClientStream::read(char* buffer, std::size_t size) {
  for (;;) {
    if (!impl_->ssl) {
      const ssize_t got = ::recv(impl_->descriptor, buffer, size, 0);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return base::system_error(errno, "read from " + impl_->host);
      if (auto ready = impl_->wait(POLLIN); !ready) return ready.error();
      continue;
    }
    const int got = SSL_read(impl_->ssl.get(), buffer, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (got > 0) return static_cast<std::size_t>(got);
    const int reason = SSL_get_error(impl_->ssl.get(), got);
    if (reason == SSL_ERROR_ZERO_RETURN || (reason == SSL_ERROR_SYSCALL && got == 0)) return std::size_t{0};
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      return Error{Errc::unavailable, "read from " + impl_->host + " failed: " + tls_error()};
    }
    if (auto ready = impl_->wait(reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT); !ready) return ready.error();
  }
}

Result<void> ClientStream::write(std::string_view octets) {
  while (!octets.empty()) {
    short wanted = POLLOUT;
    ssize_t put = 0;
    if (impl_->ssl) {
      put = SSL_write(impl_->ssl.get(), octets.data(), static_cast<int>(std::min<std::size_t>(octets.size(), INT_MAX)));
      if (put <= 0) {
        const int reason = SSL_get_error(impl_->ssl.get(), static_cast<int>(put));
        if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
          return Error{Errc::unavailable, "write to " + impl_->host + " failed: " + tls_error()};
        }
        if (reason == SSL_ERROR_WANT_READ) wanted = POLLIN;
      }
    } else {
#ifdef MSG_NOSIGNAL
      put = ::send(impl_->descriptor, octets.data(), octets.size(), MSG_NOSIGNAL);
#else
      put = ::send(impl_->descriptor, octets.data(), octets.size(), 0);
#endif
      if (put < 0 && errno == EINTR) continue;
      if (put < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        return base::system_error(errno, "write to " + impl_->host);
      }
    }
    if (put > 0) {
      octets.remove_prefix(static_cast<std::size_t>(put));
    } else if (auto ready = impl_->wait(wanted); !ready) {
      return ready;
    }
  }
  return {};
}

}  // namespace postfach::net
