// A session seen through DEFLATE: what a client that compresses sends and reads (RFC 4978).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "postfach/protocol/session.h"

namespace postfach::test {

// How the client ends each piece of what it sends.
enum class Flush { sync, partial, full };

// The client's two streams.
class ClientDeflate {
 public:
  ClientDeflate();
  ~ClientDeflate();
  ClientDeflate(const ClientDeflate&) = delete;
  ClientDeflate& operator=(const ClientDeflate&) = delete;

  std::string deflate(std::string_view octets, Flush flush = Flush::sync);
  std::string finish();
  // Throws std::runtime_error if the octets are no DEFLATE, or if not all of them can be read at once.
  std::string inflate(std::string_view octets);
  bool ended() const noexcept { return ended_; }  // the server's stream

 private:
  struct Streams;
  std::unique_ptr<Streams> streams_;
  bool ended_ = false;
};

// Behaves like a session in clear: from the line on that ends with `switched`, what it is sent is compressed for the
// inner session, and what that answers is inflated.
std::unique_ptr<protocol::Session> seen_in_clear(std::unique_ptr<protocol::Session> inner, std::string switched,
                                                 Flush flush);

}  // namespace postfach::test
