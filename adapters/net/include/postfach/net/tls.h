// Certificates and TLS policy of a server. No OpenSSL type shows here.
//
// The policy is fixed: TLS 1.2 and 1.3 (RFC 9325), forward secrecy and AEAD alone, no renegotiation, no compression, no
// early data. Sessions are resumed by tickets, whose key rotates, and by a bounded cache of session identifiers.
//
// The library underneath is BoringSSL and nothing else: a program that happens to run with OpenSSL in its place, whose
// symbols have the same names, gets an error from TlsContext::load() instead of memory corruption.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"

namespace postfach::net {

// Paths of PEM files.
struct TlsFiles {
  std::string certificate;  // the chain, the server's own certificate first
  std::string key;          // its private key, not encrypted
};

// A copyable handle to certificates that many servers can share. Thread safe. Changes count for each handshake that
// begins afterwards; connections that are open stay as they are.
class TlsContext {
 public:
  // With the certificate for clients that name no server, or an unknown one. Errors: not_found, invalid_argument (not a
  // certificate, not its key), internal (the library in this process is not BoringSSL).
  static Result<TlsContext> load(const TlsFiles& files);

  // Replaces the default certificate (it was renewed). What is in use stays if this fails.
  Result<void> replace(const TlsFiles& files) const;

  // Adds or replaces the certificate for a server name (SNI): "mail.example.org", or "*.example.org" for any one label
  // in the place of the star. Exact names are looked up before wildcards.
  Result<void> replace(std::string_view server_name, const TlsFiles& files) const;
  // Back to the default certificate; no effect on an unknown name.
  void remove(std::string_view server_name) const;

  struct Impl;
  explicit TlsContext(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
  const std::shared_ptr<Impl>& impl() const noexcept { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

// Makes a key (ECDSA P-256, file mode 0600) and a certificate signed by itself for the names (host names or IP
// addresses), valid for ten years, as key.pem and cert.pem in the directory. For a first start and for tests: clients
// will warn. Files of these names are replaced.
Result<TlsFiles> make_self_signed(const std::vector<std::string>& names, const std::string& directory);

// Whether the TLS library of this process is BoringSSL; the error says what was found instead.
Result<void> check_tls_library();

}  // namespace postfach::net
