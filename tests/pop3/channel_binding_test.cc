// SCRAM-SHA-256-PLUS over real TLS.
#include <asio.hpp>
#include <thread>

#include "base/base64.h"
#include "net/channel_binding.h"
#include "pop3/fixture.h"
#include "postfach/pop3/server.h"
#include "protocol/scram_client.h"

using namespace postfach;
using namespace postfach::test;

TEST_CASE("a POP3 login is bound to the TLS connection that it comes over") {
  World world;
  world.begin();
  asio::io_context io;
  pop3::Server server{io.get_executor(),
                      *world.store,
                      {.tls = net::make_self_signed({"localhost"}, world.store->options().path).value(),
                       .session = {.mechanisms_off = {}, .login_delay = std::chrono::milliseconds(0)}}};
  const std::uint16_t port = server.listen("127.0.0.1:0").value();
  std::thread thread([&io] { io.run(); });
  const auto log_in = [&](bool is_bound) {
    Client connection(port);
    REQUIRE(connection.start_tls());
    connection.line();
    ScramClient client{.user = "mrose",
                       .password = "secret",
                       .header = "p=tls-exporter,,",
                       .binding = is_bound ? exporter_of(connection) : std::string(32, 'M')};
    connection.send("AUTH SCRAM-SHA-256-PLUS " + base::base64_encode(client.first()) + "\r\n");
    std::string line = connection.line();
    REQUIRE(line.starts_with("+ "));
    connection.send(base::base64_encode(client.final(base::base64_decode(line.substr(2, line.size() - 4)).value())) +
                    "\r\n");
    line = connection.line();
    if (!line.starts_with("+ ")) return line;
    connection.send("\r\n");
    return connection.line();
  };
  CHECK(log_in(false) == "-ERR [AUTH] Wrong name or password\r\n");
  CHECK(log_in(true) == "+OK Maildrop has 0 messages (0 octets)\r\n");
  server.shutdown(std::chrono::seconds(1));
  thread.join();
}
