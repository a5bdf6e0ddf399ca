#include "stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/ascii.h"
#include "tls_context.h"

namespace postfach::net {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;  // where SO_NOSIGPIPE does it
#endif
#ifdef MSG_MORE
constexpr int more_follows = MSG_MORE;
#else
constexpr int more_follows = 0;
#endif

bool would_block(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK; }

template <class Call>
ssize_t retry(Call call) noexcept {
  ssize_t result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

ssize_t receive(int descriptor, char* buffer, std::size_t size) noexcept {
  return retry([&] { return ::recv(descriptor, buffer, size, 0); });
}
ssize_t transmit(const SocketBio& socket, const char* octets, std::size_t size) noexcept {
  const int flags = no_signal | (socket.holds_back ? more_follows : 0);
  return retry([&] { return ::send(socket.descriptor, octets, size, flags); });
}

SocketBio& socket_of(BIO* bio) noexcept { return *static_cast<SocketBio*>(BIO_get_data(bio)); }

int bio_read(BIO* bio, char* buffer, int size) {
  SocketBio& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  const auto wanted = static_cast<std::size_t>(size);
  ssize_t result = -1;
  if (socket.ahead == nullptr) {
    result = receive(socket.descriptor, buffer, wanted);
  } else if (!socket.ahead->empty()) {
    result = static_cast<ssize_t>(socket.ahead->take(buffer, wanted));
  } else if (socket.is_drained) {
    errno = EAGAIN;
  } else if (char* const space = socket.ahead->try_space(); space != nullptr) {
    result = receive(socket.descriptor, space, socket.ahead->capacity());
    socket.is_drained = result < static_cast<ssize_t>(socket.ahead->capacity());
    if (result > 0) {
      socket.ahead->filled(static_cast<std::size_t>(result));
      result = static_cast<ssize_t>(socket.ahead->take(buffer, wanted));
    }
  } else {
    errno = ENOMEM;
  }
  if (result < 0 && would_block(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(result);
}

int bio_write(BIO* bio, const char* octets, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t result = transmit(socket_of(bio), octets, static_cast<std::size_t>(size));
  if (result < 0 && would_block(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(result);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace

BioMethodPtr make_socket_bio_method() {
  BioMethodPtr method(BIO_meth_new(0, "socket"));
  if (!method) return nullptr;
  BIO_meth_set_read(method.get(), bio_read);
  BIO_meth_set_write(method.get(), bio_write);
  BIO_meth_set_ctrl(method.get(), bio_control);
  return method;
}

bool Stream::start_tls(const TlsContext& context) {
  SslPtr ssl(SSL_new(context.impl()->context.get()));
  BioPtr bio(BIO_new(context.impl()->socket_bio.get()));
  if (!ssl || !bio) return false;
  socket_.ahead = &ahead_;
  BIO_set_data(bio.get(), &socket_);
  BIO_set_init(bio.get(), 1);
  BIO* const both = bio.release();
  SSL_set_bio(ssl.get(), both, both);           // takes one reference if they are the same
  SSL_set_shed_handshake_config(ssl.get(), 1);  // an idle connection keeps the keys alone
  SSL_set_accept_state(ssl.get());
  context_ = context.impl();
  ssl_ = std::move(ssl);
  return true;
}

Stream::Status Stream::status_of(int result) const noexcept {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Status::done;
    case SSL_ERROR_WANT_READ:
      return Status::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Status::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Status::closed;
    case SSL_ERROR_SYSCALL:
      // The end of the stream without close_notify, as most clients do it. Lines and literals have ends of their own,
      // so nothing can be cut off unseen.
      return result == 0 ? Status::closed : Status::failed;
    default:
      return Status::failed;
  }
}

Stream::Status Stream::handshake() noexcept {
  socket_.is_drained = false;
  return status_of(SSL_do_handshake(ssl_.get()));
}

namespace {

// RFC 9266 §2. Under TLS 1.2 two connections can have the same secrets unless the extended master secret makes them
// differ (§4.2, RFC 7627). BoringSSL says yes for every TLS 1.3.
std::string channel_binding(const SSL* ssl) {
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  constexpr std::size_t size = 32;
  if (SSL_get_extms_support(ssl) != 1) return {};
  std::string exporter(size, '\0');
  const int done =
      SSL_export_keying_material(const_cast<SSL*>(ssl), reinterpret_cast<std::uint8_t*>(exporter.data()), size,
                                 label.data(), label.size(), nullptr, 0, 1 /* a context, of no octets */);
  if (done == 1) return exporter;
  ERR_clear_error();
  return {};
}

}  // namespace

protocol::TlsInfo Stream::tls_info() const {
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(ssl_.get());
  const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return {.protocol = SSL_get_version(ssl_.get()),
          .cipher = cipher == nullptr ? "" : SSL_CIPHER_standard_name(cipher),
          .server_name = name == nullptr ? "" : base::to_lower(name),
          .exporter = channel_binding(ssl_.get())};
}

Stream::Transfer Stream::read(char* buffer, std::size_t size) noexcept {
  if (ssl_) {
    socket_.is_drained = false;
    const int result = SSL_read(ssl_.get(), buffer, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (ahead_.empty()) ahead_.release();
    if (result > 0) return {Status::done, static_cast<std::size_t>(result)};
    return {status_of(result)};
  }
  const ssize_t result = receive(socket_.descriptor, buffer, size);
  socket_.is_drained = result < static_cast<ssize_t>(size);
  if (result > 0) return {Status::done, static_cast<std::size_t>(result)};
  if (result == 0) return {Status::closed};
  return {would_block(errno) ? Status::want_read : Status::failed};
}

bool Stream::may_have_more() const noexcept {
  return !socket_.is_drained || !ahead_.empty() || (ssl_ && SSL_has_pending(ssl_.get()) == 1);
}

Stream::Transfer Stream::write(const char* octets, std::size_t size) noexcept {
  if (ssl_) {
    const int result = SSL_write(ssl_.get(), octets, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (result > 0) return {Status::done, static_cast<std::size_t>(result)};
    return {status_of(result)};
  }
  const ssize_t result = transmit(socket_, octets, size);
  if (result >= 0) return {Status::done, static_cast<std::size_t>(result)};
  return {would_block(errno) ? Status::want_write : Status::failed};
}

Stream::Status Stream::discard() noexcept {
  ahead_.release();
  char buffer[4096];
  const ssize_t result = receive(socket_.descriptor, buffer, sizeof buffer);
  if (result > 0) return Status::done;
  if (result == 0) return Status::closed;
  return would_block(errno) ? Status::want_read : Status::failed;
}

void Stream::finish() noexcept {
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  ::shutdown(socket_.descriptor, SHUT_WR);
}

}  // namespace postfach::net
