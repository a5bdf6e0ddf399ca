// A connection to the server, in clear or under TLS 1.3. A coroutine that reads and one that writes may share it.
#pragma once

#include <openssl/ssl.h>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#ifndef OPENSSL_IS_BORINGSSL
#error "These are not BoringSSL's headers"
#endif

namespace load {

using asio::awaitable;

enum class Handshake : unsigned char { full, resumed };

// TLS as a mail program has it: 1.3 alone, so that all servers do the same work; no certificate is looked at. Keeps the
// ticket that a server gave last, for Handshake::resumed.
class TlsClient {
 public:
  TlsClient();
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  SSL* connect(int descriptor, Handshake handshake);

 private:
  static int keep(SSL* ssl, SSL_SESSION* session);

  SSL_CTX* context_;
  SSL_SESSION* session_ = nullptr;
};

// What the connections of one case share; it outlives them.
struct Network {
  TlsClient tls;
  std::uint64_t octets = 0;  // that came or went: none for long, and something hangs
  asio::io_context io{1};    // the last member: its coroutines go first
};

class Connection {
 public:
  explicit Connection(Network& network) : network_(network), socket_(network.io) {}

  awaitable<void> connect(asio::ip::tcp::endpoint endpoint);
  awaitable<void> start_tls(Handshake handshake);
  bool was_resumed() const noexcept { return was_resumed_; }

  // At least one octet; the end of the stream is a failure.
  awaitable<std::size_t> read(char* buffer, std::size_t size);
  awaitable<void> write(std::string_view octets);
  void close();

  Network& network() noexcept { return network_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };

  awaitable<void> wait(int result);

  Network& network_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, Free> ssl_;
  bool was_resumed_ = false;
};

}  // namespace load
