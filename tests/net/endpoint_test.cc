#include "net/endpoint.h"

#include <catch2/catch.hpp>

namespace postfach::net {
namespace {

TEST_CASE("endpoints are numeric addresses with a port") {
  for (const char* text : {"127.0.0.1:143", "0.0.0.0:0", "[::1]:993", "[::]:65535", "[2001:db8::1]:110"}) {
    INFO(text);
    CHECK(parse_endpoint(text));
  }
  for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:143", "[::1]",
                           "[127.0.0.1]:143", "localhost:143", "[]:1", "1.2.3:1"}) {
    INFO(text);
    CHECK_FALSE(parse_endpoint(text));
  }
}

TEST_CASE("an IPv6 customer is one client, whatever the lower half of its address") {
  const auto key = [](const char* text) { return address_key(plain_address(asio::ip::make_address(text))); };
  CHECK(key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"));
  CHECK(key("2001:db8:1:2::1") != key("2001:db8:1:3::1"));
  CHECK(key("192.0.2.1") != key("192.0.2.2"));
  CHECK(key("::ffff:192.0.2.1") == key("192.0.2.1"));
  CHECK(key("::192.0.2.1") != key("192.0.2.1"));
}

}  // namespace
}  // namespace postfach::net
