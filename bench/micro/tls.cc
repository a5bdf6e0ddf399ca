// TLS over a pair of sockets, the server's side of it: handshakes and records; beside them what AES-GCM alone costs.
#include <openssl/aead.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "benchmark.h"
#include "net/boringssl.h"
#include "net/stream.h"

namespace bench {
namespace {

using postfach::net::SslCtxPtr;
using postfach::net::SslPtr;
using postfach::net::Stream;
using postfach::net::TlsContext;

constexpr std::size_t kRecord = 16 * 1024;

struct FreeSession {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using SessionPtr = std::unique_ptr<SSL_SESSION, FreeSession>;

struct Client {
  Client() : context(SSL_CTX_new(TLS_method())) {
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION* ticket) {
      static_cast<Client*>(SSL_get_app_data(ssl))->session.reset(ticket);
      return 1;
    });
  }
  SslCtxPtr context;
  SessionPtr session;  // of the last ticket
};

// Both ends of one connection, in one thread.
class Connection {
 public:
  Connection(const TlsContext& context, Client& client, bool resume) : ssl_(SSL_new(client.context.get())) {
    need(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets_.data()) == 0, "no sockets");
    SSL_set_app_data(ssl_.get(), &client);
    SSL_set_fd(ssl_.get(), sockets_[1]);
    SSL_set_connect_state(ssl_.get());
    if (resume && client.session) SSL_set_session(ssl_.get(), client.session.get());
    server_ = std::make_unique<Stream>(sockets_[0], buffers_);
    context_ = &context;
  }
  ~Connection() {
    for (const int socket : sockets_) ::close(socket);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // meter: counts what the server does.
  void handshake(Meter* meter) {
    const auto server = [&] {
      if (meter != nullptr) meter->start();
      if (!server_->is_tls()) need(server_->start_tls(*context_), "TLS can't begin");
      const Stream::Status status = server_->handshake();
      if (meter != nullptr) meter->stop();
      need(status == Stream::Status::done || status == Stream::Status::want_read, "the handshake failed");
      return status == Stream::Status::done;
    };
    bool client_done = false;
    bool server_done = false;
    while (!client_done || !server_done) {
      if (!client_done) {
        const int result = SSL_do_handshake(ssl_.get());
        need(result == 1 || SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ, "the client's handshake failed");
        client_done = result == 1;
      }
      if (!server_done) server_done = server();
    }
    char octet = 'x';  // the tickets leave together with the first octet
    need(server_->write(&octet, 1).size == 1 && SSL_read(ssl_.get(), &octet, 1) == 1, "no octet arrived");
  }
  bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }

  Stream& server() noexcept { return *server_; }
  // Throws away what the client got; it need not understand it.
  void drain() {
    std::array<char, 4 * kRecord> octets;
    while (::recv(sockets_[1], octets.data(), octets.size(), 0) > 0) continue;
  }

 private:
  std::array<int, 2> sockets_{};
  SslPtr ssl_;
  postfach::net::ReadBuffers buffers_{std::size_t{16} * 1024};
  std::unique_ptr<Stream> server_;
  const TlsContext* context_;
};

struct Tls {
  explicit Tls(const World& world)
      : context(need(TlsContext::load(need(postfach::net::make_self_signed({"localhost"}, world.directory()))))) {}
  TlsContext context;
  Client client;
};

Round handshakes(World& world, bool resume) {
  return [tls = std::make_shared<Tls>(world), resume](Meter& meter) {
    constexpr std::uint64_t kTimes = 20;
    if (resume && !tls->client.session) Connection(tls->context, tls->client, false).handshake(nullptr);
    for (std::uint64_t i = 0; i < kTimes; ++i) {
      Connection connection(tls->context, tls->client, resume);
      connection.handshake(&meter);
      need(connection.resumed() == resume, "the session was resumed or not, unlike it should");
    }
    return kTimes;
  };
}

Round records(World& world) {
  auto tls = std::make_shared<Tls>(world);
  auto connection = std::make_shared<Connection>(tls->context, tls->client, false);
  connection->handshake(nullptr);
  return [tls, connection, octets = std::string(kRecord, 'x')](Meter& meter) {
    constexpr std::uint64_t kRecords = 1000;
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      meter.start();
      const Stream::Transfer sent = connection->server().write(octets.data(), octets.size());
      meter.stop();
      need(sent.status == Stream::Status::done && sent.size == octets.size(), "a record was not sent");
      connection->drain();
    }
    return kRecords;
  };
}

Round aes_gcm() {
  auto context = std::make_shared<bssl::ScopedEVP_AEAD_CTX>();
  const std::array<std::uint8_t, 16> key{1, 2, 3};
  need(EVP_AEAD_CTX_init(context->get(), EVP_aead_aes_128_gcm(), key.data(), key.size(), EVP_AEAD_DEFAULT_TAG_LENGTH,
                         nullptr) == 1,
       "no AES-GCM");
  return [context, in = std::vector<std::uint8_t>(kRecord, 'x'), out = std::vector<std::uint8_t>(kRecord + 64),
          nonce = std::array<std::uint8_t, 12>{}](Meter& meter) mutable {
    constexpr std::uint64_t kRecords = 1000;
    const std::array<std::uint8_t, 5> header{0x17, 3, 3};
    std::uint64_t done = 0;
    meter.start();
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      ++nonce[i % nonce.size()];
      std::size_t size = 0;
      done += static_cast<std::uint64_t>(EVP_AEAD_CTX_seal(context->get(), out.data(), &size, out.size(), nonce.data(),
                                                           nonce.size(), in.data(), in.size(), header.data(),
                                                           header.size()));
    }
    meter.stop();
    need(done == kRecords, "AES-GCM failed");
    return done;
  };
}

}  // namespace

std::vector<Benchmark> tls_benchmarks() {
  return {{"tls-full", "handshake", "TLS 1.3, ECDSA P-256; the server's side",
           [](World& world) { return handshakes(world, false); }},
          {"tls-resumed", "handshake", "by a ticket; the server's side",
           [](World& world) { return handshakes(world, true); }},
          {"tls-record", "record", "16 KiB to a socket", records},
          {"aes-gcm", "record", "16 KiB, AES-128-GCM alone, for comparison", [](World&) { return aes_gcm(); }}};
}

}  // namespace bench
