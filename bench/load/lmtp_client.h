// A thin LMTP client, in clear, as an MTA on the same machine is one (RFC 2033).
#pragma once

#include <asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "connection.h"
#include "input.h"

namespace load {

class LmtpClient {
 public:
  explicit LmtpClient(Network& network) : connection_(network), input_(connection_) {}

  // To the answer of LHLO.
  awaitable<void> open(asio::ip::tcp::endpoint endpoint);
  // One message, no line of which begins with a dot, to one recipient; returns with the 250 for it. The envelope goes
  // in one piece (RFC 2920).
  awaitable<void> deliver(std::string_view recipient, std::string_view message);
  awaitable<void> quit();

 private:
  // The last line of an answer with this code.
  awaitable<void> expect(std::string_view code);

  Connection connection_;
  Input input_;
  std::string request_;
};

}  // namespace load
