// Addresses as text and as keys for counting.
#pragma once

#include <array>
#include <asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "postfach/result.h"

namespace postfach::net {

// "192.0.2.1:143", "[2001:db8::1]:143".
Result<asio::ip::tcp::endpoint> parse_endpoint(std::string_view text);

// An IPv4 address that came in as IPv6 is an IPv4 address.
asio::ip::address plain_address(const asio::ip::address& address);

// What is counted as one client: an IPv4 address, or an IPv6 /64.
using AddressKey = std::array<unsigned char, 9>;
AddressKey address_key(const asio::ip::address& address);

}  // namespace postfach::net
