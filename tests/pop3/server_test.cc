#include "postfach/pop3/server.h"

#include <asio.hpp>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "pop3/fixture.h"
#include "store/store_impl.h"

using namespace postfach;
using namespace postfach::test;

namespace {

// A server on a thread of its own.
struct Running {
  asio::io_context io;
  pop3::Server server;
  std::thread thread;

  Running(const Store& store, pop3::ServerOptions options) : server(io.get_executor(), store, std::move(options)) {}
  std::uint16_t start() {
    const std::uint16_t port = server.listen("127.0.0.1:0", net::TlsMode::cleartext).value();
    thread = std::thread([this] { io.run(); });
    return port;
  }
  ~Running() {
    server.shutdown(std::chrono::seconds(1));
    if (thread.joinable()) thread.join();
  }
};

// Sends the input and reads until the server closes.
std::string converse(std::uint16_t port, std::string_view input) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  asio::write(socket, asio::buffer(input));
  std::string output;
  asio::error_code ignored;
  asio::read(socket, asio::dynamic_buffer(output), ignored);
  return output;
}

}  // namespace

TEST_CASE("a session over a socket") {
  World world{.messages = {message_of(100'000), message_of(200)}};
  world.begin();
  Running running(*world.store, {});
  const std::uint16_t port = running.start();
  const std::string output = converse(port, "USER mrose\r\nPASS secret\r\nRETR 1\r\nDELE 2\r\nQUIT\r\n");
  CHECK(output ==
        "+OK POP3 server ready\r\n+OK Password, please\r\n+OK Maildrop has 2 messages (100200 octets)\r\n"
        "+OK 100000 octets\r\n" +
            world.messages[0] +
            ".\r\n+OK Message 2 deleted\r\n"
            "+OK Bye, messages removed: 1\r\n");
  CHECK(world.inbox().uids().value() == std::vector<Uid>{1});
  CHECK(converse(port, "USER mrose\r\nPASS secret\r\nQUIT\r\n")
            .ends_with("+OK Maildrop has 1 message (100000 octets)\r\n+OK Bye\r\n"));
}

TEST_CASE("a server without a certificate says so when it is to listen") {
  World world;
  world.begin();
  asio::io_context io;
  pop3::Server server{io.get_executor(), *world.store, {.tls = {"no/cert.pem", "no/key.pem"}}};
  CHECK(server.listen("127.0.0.1:0").error().code == Errc::not_found);
  pop3::Server bare{io.get_executor(), *world.store};
  CHECK(bare.listen("127.0.0.1:0").error().code == Errc::invalid_argument);
}

TEST_CASE("the server removes what is due") {
  World world{.messages = {message_of(200)}};
  world.begin();
  std::atomic<std::int64_t> now = 1'000'000'000;
  world.store->impl()->clock = [&now] { return now.load(); };
  world.account->update_maildrop({.on_delete = OnDelete::keep, .keep_days = 1}, {{world.inbox(), {}, UidSet::of(1, 1)}})
      .value();
  std::promise<void> changed;
  std::once_flag once;
  const Subscription bell = world.inbox().watch([&] { std::call_once(once, [&changed] { changed.set_value(); }); });
  Running running(*world.store, {.connections = {.tick_interval = std::chrono::milliseconds(10)}});
  running.start();
  auto future = changed.get_future();
  CHECK(future.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout);
  now += 86'400;
  REQUIRE(future.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  CHECK(world.inbox().uids().value().empty());
}
