// A list of networks that clients may come from, for ServerOptions::allow.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"

namespace postfach::net {

// A value; any thread.
class Networks {
 public:
  // "192.0.2.0/24", "2001:db8::/32", or an address alone. Errors: invalid_argument.
  static Result<Networks> parse(const std::vector<std::string>& networks);

  // Whether the address of a client (as protocol::Peer has it) lies in one of them. Not for what is no IP address, as
  // the "unix" of a local socket.
  bool contains(std::string_view address) const;

 private:
  struct Network {
    std::array<unsigned char, 16> octets{};
    std::size_t size = 0;  // of the address: 4 or 16
    std::size_t bits = 0;
  };
  static bool read(std::string_view address, Network& network);

  std::vector<Network> networks_;
};

}  // namespace postfach::net
