// A blocking connection to a server, in clear or under TLS: for programs that fetch mail from elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "postfach/result.h"

namespace postfach::net {

struct ClientTls {
  // True: the certificate has to be good for the host, by the authorities of the system or those in ca_file (PEM).
  bool verify = true;
  std::string ca_file = {};
  // SHA-256 of the server's own certificate, 64 hex digits, with or without colons: this one and no other, whoever signed
  // it. Empty: any.
  std::string fingerprint = {};
};

class ClientStream {
 public:
  // timeout: for each wait. Errors: unavailable, invalid_argument (no such host).
  static Result<ClientStream> connect(const std::string& host, std::uint16_t port, std::chrono::seconds timeout);
  ClientStream(ClientStream&&) noexcept;
  ClientStream& operator=(ClientStream&&) noexcept;
  ~ClientStream();

  // From now on TLS 1.2 or 1.3. Errors: auth_failed (the certificate), unavailable.
  Result<void> start_tls(const ClientTls& options);
  bool is_tls() const noexcept;

  // At least one octet, or 0 at the end of the stream.
  Result<std::size_t> read(char* buffer, std::size_t size);
  Result<void> write(std::string_view octets);

 private:
  struct Impl;
  explicit ClientStream(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace postfach::net
