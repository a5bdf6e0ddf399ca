// SCRAM-SHA-256-PLUS over real TLS, for both versions and both ways to get there.
#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "base/base64.h"
#include "imap/session/world.h"
#include "net/channel_binding.h"
#include "postfach/imap/server.h"
#include "protocol/scram_client.h"

using namespace postfach;
using postfach::test::ClientTls;
using postfach::test::ScramClient;
using Connection = postfach::test::Client;

namespace {

struct Running {
  Store store = imap::test::make_store({});
  asio::io_context io;
  net::TlsFiles files = net::make_self_signed({"localhost"}, store.options().path).value();
  imap::Server server{
      io.get_executor(), store, {.tls = files, .session = {.login_delay = std::chrono::milliseconds(0)}}};
  std::uint16_t implicit = server.listen("127.0.0.1:0").value();
  std::uint16_t starttls = server.listen("127.0.0.1:0", net::TlsMode::starttls).value();
  std::thread thread{[this] { io.run(); }};
  ~Running() {
    server.shutdown(std::chrono::seconds(1));
    thread.join();
  }
};

// The server's last line.
std::string log_in(Connection& connection, ScramClient client) {
  connection.send("a AUTHENTICATE SCRAM-SHA-256-PLUS " + base::base64_encode(client.first()) + "\r\n");
  std::string line = connection.line();
  if (!line.starts_with("+ ")) return line;
  const std::string first = base::base64_decode(line.substr(2, line.size() - 4)).value();
  connection.send(base::base64_encode(client.final(first)) + "\r\n");
  line = connection.line();
  if (!line.starts_with("+ ")) return line;
  CHECK(base::base64_decode(line.substr(2, line.size() - 4)) == client.expected);
  connection.send("\r\n");
  return connection.line();
}

ScramClient bound_to(const Connection& connection) {
  return {
      .user = "alice", .password = "secret", .header = "p=tls-exporter,,", .binding = test::exporter_of(connection)};
}

}  // namespace

TEST_CASE("a login is bound to the TLS connection that it comes over") {
  Running running;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  CAPTURE(version);
  Connection connection(running.implicit);
  REQUIRE(connection.start_tls({.version = version}));
  CHECK(connection.line().find("AUTH=SCRAM-SHA-256-PLUS") != std::string::npos);
  // What was exported from another connection is of no use: the man in the middle has one.
  Connection other(running.implicit);
  REQUIRE(other.start_tls({.version = version}));
  CHECK(log_in(connection, bound_to(other)).starts_with("a NO [AUTHENTICATIONFAILED] "));
  CHECK(log_in(connection, bound_to(connection)).starts_with("a OK "));
}

TEST_CASE("a login is bound to TLS that came with STARTTLS") {
  Running running;
  Connection connection(running.starttls);
  CHECK(connection.line().find("SCRAM") == std::string::npos);
  connection.send("s STARTTLS\r\n");
  CHECK(connection.line().starts_with("s OK "));
  REQUIRE(connection.start_tls());
  CHECK(log_in(connection, bound_to(connection)).starts_with("a OK "));
}
