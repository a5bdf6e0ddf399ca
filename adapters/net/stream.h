// A connected, non-blocking socket, in clear or under TLS, where both look the same.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "boringssl.h"
#include "postfach/net/tls.h"
#include "postfach/protocol/session.h"

namespace postfach::net {

// The BIO between BoringSSL and a socket. BoringSSL's own uses write(2), which raises SIGPIPE.
BioMethodPtr make_socket_bio_method();

class Stream {
 public:
  enum class Status : unsigned char { done, want_read, want_write, closed, failed };
  struct Transfer {
    Status status;
    std::size_t size = 0;  // more than 0 if done
  };

  // Does not own the descriptor.
  explicit Stream(int descriptor) noexcept : descriptor_(descriptor) {}

  // From now on TLS, as its server; call handshake() until it is done. False if there is no memory.
  bool start_tls(const TlsContext& context);
  Status handshake() noexcept;
  bool is_tls() const noexcept { return ssl_ != nullptr; }
  protocol::TlsInfo tls_info() const;

  Transfer read(char* buffer, std::size_t size) noexcept;
  Transfer write(const char* octets, std::size_t size) noexcept;
  // Throws away octets of the socket, TLS or not: done if there may be more.
  Status discard() noexcept;
  // Tells the client that nothing more will come.
  void finish() noexcept;

 private:
  Status status_of(int result) const noexcept;

  int descriptor_;
  std::shared_ptr<TlsContext::Impl> context_;  // before ssl_, which needs it to the end
  SslPtr ssl_;
};

}  // namespace postfach::net
