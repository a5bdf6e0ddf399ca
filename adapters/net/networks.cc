#include "postfach/net/networks.h"

#include <algorithm>
#include <asio/ip/address.hpp>

#include "base/ascii.h"
#include "endpoint.h"

namespace postfach::net {

bool Networks::read(std::string_view address, Network& network) {
  asio::error_code error;
  const asio::ip::address parsed = plain_address(asio::ip::make_address(std::string(address), error));
  if (error) return false;
  const auto take = [&](const auto& octets) {
    std::copy(octets.begin(), octets.end(), network.octets.begin());
    network.size = octets.size();
    network.bits = 8 * octets.size();
  };
  if (parsed.is_v4()) {
    take(parsed.to_v4().to_bytes());
  } else {
    take(parsed.to_v6().to_bytes());
  }
  return true;
}

Result<Networks> Networks::parse(const std::vector<std::string>& networks) {
  Networks result;
  for (const std::string& text : networks) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    Network network;
    bool is_fine = read(std::string_view(text).substr(0, slash), network);
    if (is_fine && slash < text.size()) {
      const auto bits = base::parse_number(std::string_view(text).substr(slash + 1), network.bits);
      is_fine = bits.has_value();
      network.bits = static_cast<std::size_t>(bits.value_or(0));
    }
    if (!is_fine) return Error{Errc::invalid_argument, "not a network like 192.0.2.0/24 or 2001:db8::/32: " + text};
    result.networks_.push_back(network);
  }
  return result;
}

bool Networks::contains(std::string_view address) const {
  Network client;
  if (!read(address, client)) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    if (network.size != client.size) return false;
    const std::size_t whole = network.bits / 8;
    if (!std::equal(network.octets.begin(), network.octets.begin() + static_cast<std::ptrdiff_t>(whole),
                    client.octets.begin())) {
      return false;
    }
    const std::size_t rest = network.bits % 8;
    return rest == 0 || (network.octets[whole] ^ client.octets[whole]) >> (8 - rest) == 0;
  });
}

}  // namespace postfach::net
