#include "endpoint.h"

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"

namespace postfach::net {

Result<asio::ip::tcp::endpoint> parse_endpoint(std::string_view text) {
  const Error bad{Errc::invalid_argument,
                  "not an address with port like 127.0.0.1:143 or [::1]:143: " + std::string(text)};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad;
  const auto port = base::parse_number(text.substr(colon + 1), UINT16_MAX);
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  asio::error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(host), error);
  if (!port || error || address.is_v6() != brackets) return bad;
  return asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(*port));
}

asio::ip::address plain_address(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address;
}

AddressKey address_key(const asio::ip::address& address) {
  AddressKey key{};
  if (address.is_v4()) {
    const auto octets = address.to_v4().to_bytes();
    key[0] = 4;
    std::copy(octets.begin(), octets.end(), key.begin() + 1);
  } else {
    const auto octets = address.to_v6().to_bytes();
    key[0] = 6;
    std::copy_n(octets.begin(), 8, key.begin() + 1);
  }
  return key;
}

}  // namespace postfach::net
