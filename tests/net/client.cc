#include "net/client.h"

#include <arpa/inet.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <utility>

namespace postfach::test {
namespace {

// BoringSSL writes to a socket with write(2), which raises SIGPIPE when the server has closed. Blocked for this thread
// alone and for the time of the call: a SIGPIPE of the server's doing must still end the test.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
};

}  // namespace

Client::Client(std::uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(socket_ >= 0);
  // A test must not hang: every wait ends.
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

Client::~Client() {
  if (session_ != nullptr) SSL_SESSION_free(session_);
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  ::close(socket_);
}

bool Client::start_tls(const ClientTls& options) {
  context_ = SSL_CTX_new(TLS_method());
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, [](SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<Client*>(SSL_get_app_data(ssl));
    if (self->session_ != nullptr) SSL_SESSION_free(self->session_);
    self->session_ = session;
    return 1;
  });
  if (options.version != 0) {
    SSL_CTX_set_min_proto_version(context_, static_cast<std::uint16_t>(options.version));
    SSL_CTX_set_max_proto_version(context_, static_cast<std::uint16_t>(options.version));
  }
  if (!options.ciphers.empty()) REQUIRE(SSL_CTX_set_strict_cipher_list(context_, options.ciphers.c_str()) == 1);
  ssl_ = SSL_new(context_);
  SSL_set_app_data(ssl_, this);
  if (!options.server_name.empty()) SSL_set_tlsext_host_name(ssl_, options.server_name.c_str());
  if (options.session != nullptr) SSL_set_session(ssl_, options.session);
  SSL_set_fd(ssl_, socket_);
  const WithoutSigpipe guard;
  return SSL_connect(ssl_) == 1;
}

std::string Client::certificate_name() const {
  X509* const certificate = SSL_get_peer_certificate(ssl_);
  REQUIRE(certificate != nullptr);
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

SSL_SESSION* Client::take_session() { return std::exchange(session_, nullptr); }

void Client::send(std::string_view octets) {
  const WithoutSigpipe guard;
  while (!octets.empty()) {
    const auto size = ssl_ != nullptr
                          ? static_cast<ssize_t>(SSL_write(ssl_, octets.data(), static_cast<int>(octets.size())))
                          : ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (size <= 0) return;  // the server has closed; what it said is what the test looks at
    octets.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::string Client::read() {
  if (!buffer_.empty()) return std::exchange(buffer_, {});
  const WithoutSigpipe guard;
  char octets[65536];
  const auto size = ssl_ != nullptr ? static_cast<ssize_t>(SSL_read(ssl_, octets, sizeof octets))
                                    : ::recv(socket_, octets, sizeof octets, 0);
  const bool timed_out = size < 0 && ssl_ == nullptr && errno == EAGAIN;
  REQUIRE_FALSE(timed_out);
  return size > 0 ? std::string(octets, static_cast<std::size_t>(size)) : std::string();
}

std::string Client::line() {
  std::string result;
  for (;;) {
    std::string octets = read();
    const std::size_t end = octets.find('\n');
    if (octets.empty()) return result;
    result += octets.substr(0, end == std::string::npos ? end : end + 1);
    if (end == std::string::npos) continue;
    buffer_ = octets.substr(end + 1);
    return result;
  }
}

std::string Client::rest() {
  std::string result;
  for (std::string octets = read(); !octets.empty(); octets = read()) result += octets;
  return result;
}

void Client::shut_writing() { ::shutdown(socket_, SHUT_WR); }

}  // namespace postfach::test
