#include "postfach/lmtp/server.h"

#include <sys/stat.h>

#include <asio.hpp>
#include <filesystem>
#include <thread>

#include "lmtp/fixture.h"

using namespace postfach;
using namespace postfach::test;

namespace {

// A server on a thread of its own.
struct Running {
  asio::io_context io;
  lmtp::Server server;
  std::thread thread;

  Running(const Store& store, lmtp::ServerOptions options) : server(io.get_executor(), store, std::move(options)) {}
  std::uint16_t start(std::string_view endpoint) {
    const std::uint16_t port = server.listen(endpoint).value();
    thread = std::thread([this] { io.run(); });
    return port;
  }
  ~Running() {
    server.shutdown(std::chrono::seconds(1));
    if (thread.joinable()) thread.join();
  }
};

// Sends the input and reads until the server closes.
template <class Protocol>
std::string converse(const typename Protocol::endpoint& endpoint, std::string_view input) {
  asio::io_context io;
  typename Protocol::socket socket(io);
  socket.connect(endpoint);
  asio::error_code ignored;
  asio::write(socket, asio::buffer(input), ignored);
  std::string output;
  asio::read(socket, asio::dynamic_buffer(output), ignored);
  return output;
}

constexpr std::string_view kSession =
    "LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nx: y\r\n\r\n.\r\nQUIT\r\n";

asio::ip::tcp::endpoint local(std::uint16_t port) { return {asio::ip::make_address("127.0.0.1"), port}; }

}  // namespace

TEST_CASE("a session over TCP, from this machine by default") {
  World world;
  world.begin();
  Running running(*world.store, {});
  const std::uint16_t port = running.start("127.0.0.1:0");
  const std::string out = converse<asio::ip::tcp>(local(port), kSession);
  CHECK(out.find("250 2.0.0 <alice@example.org> Stored as ") != std::string::npos);
  CHECK(out.find("STARTTLS") == std::string::npos);
  CHECK(out.find("250-" + asio::ip::host_name() + "\r\n") != std::string::npos);
  CHECK(World::fields(*world.alice, 1).find("from x ([127.0.0.1])\r\n") != std::string::npos);
}

TEST_CASE("a client from elsewhere is turned away without a word") {
  World world;
  world.begin();
  const bool is_named = GENERATE(false, true);
  Running running(*world.store, {.networks = {is_named ? "127.0.0.0/30" : "192.0.2.0/24", "2001:db8::/32"}});
  const std::uint16_t port = running.start("127.0.0.1:0");
  const std::string out = converse<asio::ip::tcp>(local(port), kSession);
  CHECK(out.empty() == !is_named);
  CHECK(world.alice->usage().value().messages == (is_named ? 1 : 0));
}

TEST_CASE("a session over a Unix socket, whose client has no address") {
  World world;
  world.begin();
  const std::string path = world.store->options().path + "/lmtp";
  {
    Running running(*world.store, {.networks = {}, .connections = {.unix_mode = 0660}});
    CHECK(running.start("unix:" + path) == 0);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0660U);
    const std::string out = converse<asio::local::stream_protocol>(path, kSession);
    CHECK(out.find("250 2.0.0 <alice@example.org> Stored as ") != std::string::npos);
    const std::string fields = World::fields(*world.alice, 1);
    CHECK(fields.find("Received: from x\r\n\tby ") != std::string::npos);
    // Nobody else can listen there meanwhile.
    lmtp::Server second(running.io.get_executor(), *world.store);
    CHECK(second.listen("unix:" + path).error().code == Errc::in_use);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("what is wrong with the options") {
  World world;
  world.begin();
  asio::io_context io;
  lmtp::Server bad(io.get_executor(), *world.store, {.networks = {"127.0.0.0/33"}});
  CHECK(bad.listen("127.0.0.1:0").error().code == Errc::invalid_argument);
  lmtp::Server clear(io.get_executor(), *world.store, {});
  CHECK(clear.listen("127.0.0.1:0", net::TlsMode::starttls).error().code == Errc::invalid_argument);
  CHECK(clear.listen("unix:relative").error().code == Errc::invalid_argument);
}
