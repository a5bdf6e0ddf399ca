// The inside of TlsContext: one SSL_CTX for all names, and certificates that are put into a connection when its
// ClientHello is seen. So tickets and cached sessions stay good when a certificate is replaced.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "boringssl.h"
#include "postfach/net/tls.h"
#include "postfach/result.h"

namespace postfach::net {

// Immutable; shared by the handshakes that use it.
struct Certificate {
  std::vector<BufferPtr> chain;
  KeyPtr key;
};

struct TlsContext::Impl {
  SslCtxPtr context;
  BioMethodPtr socket_bio;  // see stream.cc

  std::shared_ptr<const Certificate> find(std::string_view server_name) const;

  mutable std::shared_mutex mutex;
  std::shared_ptr<const Certificate> standard;
  std::map<std::string, std::shared_ptr<const Certificate>, std::less<>> by_name;  // lower case
};

// The lower-case name if it may be a server's name or a wildcard; empty if not.
std::string canonical_server_name(std::string_view name);

// What BoringSSL's error queue of this thread says; empties it.
std::string tls_error();

}  // namespace postfach::net
