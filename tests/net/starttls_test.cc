// What a man in the middle can try at STARTTLS: octets in clear that count as the client's after the handshake.

#include <catch2/catch.hpp>
#include <thread>

#include "net/client.h"
#include "net/stage.h"

namespace postfach::test {
namespace {

using net::TlsMode;

TEST_CASE("STARTTLS") {
  Certificates certificates;
  Stage stage({.tls = certificates.context()});
  const std::uint16_t port = stage.listen(TlsMode::starttls);
  Client client(port);
  CHECK(client.line() == "hello\n");
  client.send("peer\n");
  CHECK(client.line() == "127.0.0.1 can\n");

  SECTION("goes on under TLS") {
    client.send("tls\n");
    CHECK(client.line() == "go\n");
    REQUIRE(client.start_tls({.server_name = "mail.test", .version = TLS1_3_VERSION}));
    client.send("echo secret\npeer\n");
    CHECK(client.line() == "secret\n");
    CHECK(client.line() == "127.0.0.1 TLSv1.3 mail.test can\n");
    client.send("quit\n");
  }

  SECTION("with a command behind it in the same segment closes the connection") {
    client.send("tls\necho injected\n");
    CHECK(client.line() == "go\n");
    CHECK_FALSE(client.start_tls());
    CHECK(eventually([&] { return stage.logged("starttls_injection"); }));
  }

  SECTION("with a single octet behind it closes the connection") {
    client.send("tls\n\n");
    CHECK(client.line() == "go\n");
    CHECK_FALSE(client.start_tls());
  }

  SECTION("with a command in a later segment does not run it") {
    client.send("tl");
    client.send("s\n");
    CHECK(client.line() == "go\n");
    client.send("echo injected\n");
    CHECK_FALSE(client.start_tls());
    CHECK(eventually([&] { return stage.logged("tls_failed"); }));
  }
  CHECK(client.rest().find("injected") == std::string::npos);
}

TEST_CASE("a session that wants TLS where there is none is closed") {
  Stage stage;
  Client client(stage.listen(TlsMode::cleartext));
  client.send("peer\ntls\n");
  CHECK(client.line() == "hello\n");
  CHECK(client.line() == "127.0.0.1 trusted\n");
  CHECK(client.line() == "go\n");
  CHECK(client.at_end());
  CHECK(eventually([&] { return stage.logged("session_exception"); }));
}

}  // namespace
}  // namespace postfach::test
