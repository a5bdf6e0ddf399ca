// What a client speaks through: a socket, or a script in a test.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "postfach/migrate/server_import.h"
#include "postfach/result.h"

namespace postfach::migrate {

class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  // Some octets, valid until the next call. Errors: unavailable, also at the end of the stream.
  virtual Result<std::string_view> read() = 0;
  virtual Result<void> write(std::string_view octets) = 0;
  virtual Result<void> start_tls() = 0;
};

// Connects, and begins TLS where it comes first.
Result<std::unique_ptr<Channel>> connect(const Server& server, std::uint16_t tls_port, std::uint16_t clear_port);

Result<ImportReport> import_imap(const Account& account, Channel& channel, const Server& server,
                                 const ImportOptions& options);
Result<ImportReport> import_pop3(const Account& account, Channel& channel, const Server& server,
                                 const ImportOptions& options);

// The client's first message of a SASL exchange, in base64: XOAUTH2 with a token, else PLAIN (RFC 4616).
std::string sasl_response(const Server& server);
const char* sasl_mechanism(const Server& server) noexcept;

}  // namespace postfach::migrate
