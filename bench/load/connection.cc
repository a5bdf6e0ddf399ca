#include "connection.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <climits>
#include <cstring>
#include <new>
#include <string>

#include "failure.h"

namespace load {
namespace {

using asio::ip::tcp;

std::string tls_error() {
  char text[256] = "no reason given";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

TlsClient::TlsClient() : context_(SSL_CTX_new(TLS_method())) {
  if (context_ == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, keep);
  SSL_CTX_set_app_data(context_, this);
}

TlsClient::~TlsClient() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

int TlsClient::keep(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  SSL_SESSION_free(self.session_);
  self.session_ = session;
  return 1;  // it is ours
}

SSL* TlsClient::connect(int descriptor, Handshake handshake) {
  SSL* const ssl = SSL_new(context_);
  if (ssl == nullptr || SSL_set_fd(ssl, descriptor) != 1) {
    SSL_free(ssl);
    throw std::bad_alloc();
  }
  SSL_set_connect_state(ssl);
  SSL_set_tlsext_host_name(ssl, "localhost");
  if (handshake == Handshake::resumed && session_ != nullptr) SSL_set_session(ssl, session_);
  return ssl;
}

awaitable<void> Connection::connect(tcp::endpoint endpoint) {
  co_await socket_.async_connect(endpoint, asio::use_awaitable);
  socket_.non_blocking(true);
  socket_.set_option(tcp::no_delay(true));
}

awaitable<void> Connection::start_tls(Handshake handshake) {
  ssl_.reset(network_.tls.connect(socket_.native_handle(), handshake));
  for (;;) {
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) break;
    co_await wait(result);
  }
  was_resumed_ = SSL_session_reused(ssl_.get()) == 1;
}

awaitable<void> Connection::wait(int result) {
  const int reason = ssl_ ? SSL_get_error(ssl_.get(), result) : SSL_ERROR_WANT_READ;
  if (reason == SSL_ERROR_WANT_READ) {
    co_await socket_.async_wait(tcp::socket::wait_read, asio::use_awaitable);
  } else if (reason == SSL_ERROR_WANT_WRITE) {
    co_await socket_.async_wait(tcp::socket::wait_write, asio::use_awaitable);
  } else if (reason == SSL_ERROR_ZERO_RETURN || (reason == SSL_ERROR_SYSCALL && result == 0)) {
    throw Failure("the server closed the connection");
  } else {
    throw Failure(reason == SSL_ERROR_SYSCALL ? std::string("the connection broke: ") + std::strerror(errno)
                                              : "TLS failed: " + tls_error());
  }
}

awaitable<std::size_t> Connection::read(char* buffer, std::size_t size) {
  const int most = static_cast<int>(std::min<std::size_t>(size, INT_MAX));
  for (;;) {
    const int got =
        ssl_ ? SSL_read(ssl_.get(), buffer, most) : static_cast<int>(::recv(socket_.native_handle(), buffer, size, 0));
    if (got > 0) {
      network_.octets += static_cast<std::uint64_t>(got);
      co_return static_cast<std::size_t>(got);
    }
    if (!ssl_ && got == 0) throw Failure("the server closed the connection");
    if (!ssl_ && !would_block()) throw Failure(std::string("the connection broke: ") + std::strerror(errno));
    co_await wait(got);
  }
}

awaitable<void> Connection::write(std::string_view octets) {
  while (!octets.empty()) {
    const int most = static_cast<int>(std::min<std::size_t>(octets.size(), INT_MAX));
    const int put = ssl_
                        ? SSL_write(ssl_.get(), octets.data(), most)
                        : static_cast<int>(::send(socket_.native_handle(), octets.data(), octets.size(), MSG_NOSIGNAL));
    if (put > 0) {
      network_.octets += static_cast<std::uint64_t>(put);
      octets.remove_prefix(static_cast<std::size_t>(put));
    } else if (ssl_) {
      co_await wait(put);
    } else if (would_block()) {
      co_await socket_.async_wait(tcp::socket::wait_write, asio::use_awaitable);
    } else {
      throw Failure(std::string("the connection broke: ") + std::strerror(errno));
    }
  }
}

void Connection::close() {
  ssl_.reset();
  asio::error_code ignored;
  socket_.close(ignored);
}

}  // namespace load
