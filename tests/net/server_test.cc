#include "postfach/net/server.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <thread>
#include <vector>

#include "net/client.h"
#include "net/stage.h"

namespace postfach::test {
namespace {

using net::TlsMode;
using namespace std::chrono_literals;

TEST_CASE("where a server cannot listen") {
  Stage stage;
  const std::uint16_t port = stage.listen(TlsMode::cleartext);
  const auto code = [&](const std::string& endpoint, TlsMode mode) {
    return stage.server().listen(endpoint, mode).error().code;
  };
  CHECK(code("nonsense", TlsMode::cleartext) == Errc::invalid_argument);
  CHECK(code("127.0.0.1:0", TlsMode::implicit) == Errc::invalid_argument);  // no certificate
  CHECK(code("127.0.0.1:0", TlsMode::starttls) == Errc::invalid_argument);
  CHECK(code("127.0.0.1:" + std::to_string(port), TlsMode::cleartext) == Errc::in_use);
  CHECK(code("192.0.2.1:0", TlsMode::cleartext) == Errc::unavailable);  // not an address of this machine
}

TEST_CASE("one server listens in several places") {
  Certificates certificates;
  Stage stage({.tls = certificates.context()});
  const std::uint16_t clear = stage.listen(TlsMode::starttls);
  const std::uint16_t secure = stage.listen(TlsMode::implicit);
  Client one(clear);
  CHECK(one.line() == "hello\n");
  Client two(secure);
  REQUIRE(two.start_tls());
  CHECK(two.line() == "hello\n");
  CHECK(stage.server().connections() == 2);
}

TEST_CASE("too many connections are turned away politely") {
  const bool per_address = GENERATE(false, true);
  net::ServerOptions options{.exempt_loopback = false, .refusal = "sorry\n"};
  (per_address ? options.max_connections_per_address : options.max_connections) = 2;
  Stage stage(std::move(options));
  const std::uint16_t port = stage.listen(TlsMode::cleartext);
  auto one = std::make_unique<Client>(port);
  CHECK(one->line() == "hello\n");
  Client two(port);
  CHECK(two.line() == "hello\n");
  Client three(port);
  CHECK(three.rest() == "sorry\n");
  CHECK(stage.logged("connection_refused"));

  one.reset();
  REQUIRE(eventually([&] { return stage.server().connections() == 1; }));
  Client four(port);
  CHECK(four.line() == "hello\n");
}

TEST_CASE("the machine's own connections do not count for an address") {
  Stage stage({.max_connections_per_address = 1});
  const std::uint16_t port = stage.listen(TlsMode::cleartext);
  Client one(port);
  Client two(port);
  CHECK(one.line() == "hello\n");
  CHECK(two.line() == "hello\n");
}

TEST_CASE("the host's policy decides who may connect") {
  std::atomic<bool> allowed = false;
  Stage stage({.allow = [&](const std::string& address) { return address == "127.0.0.1" && allowed; }});
  const std::uint16_t port = stage.listen(TlsMode::cleartext);
  CHECK(Client(port).at_end());
  allowed = true;
  CHECK(Client(port).line() == "hello\n");
}

TEST_CASE("shutdown says goodbye, sends what is due and leaves nothing behind") {
  const int threads = GENERATE(1, 3);
  Certificates certificates;
  Stage stage({.tls = certificates.context(), .tick = [] {}}, threads);
  const std::uint16_t port = stage.listen(TlsMode::starttls);
  const std::uint16_t secure = stage.listen(TlsMode::implicit);
  Client idle(port);
  CHECK(idle.line() == "hello\n");
  Client busy(port);
  busy.send("flood 5000000\n");
  CHECK(busy.line() == "hello\n");
  Client waiting(port);
  waiting.send("wait\n");
  CHECK(waiting.line() == "hello\n");
  Client shaking(secure);  // never begins its handshake
  REQUIRE(eventually([&] { return stage.server().connections() == 4; }));

  stage.server().shutdown(60s);
  CHECK(idle.rest() == "down\n");
  CHECK((busy.rest() == std::string(5'000'000, 'x') + "\ndown\n"));
  CHECK(waiting.rest() == "down\n");
  CHECK(shaking.at_end());
  stage.join();  // long before the grace time
  CHECK(stage.server().connections() == 0);
  CHECK(stage.server().listen("127.0.0.1:0", TlsMode::cleartext).error().code == Errc::not_permitted);
}

TEST_CASE("after the grace time connections are closed whatever they do") {
  Stage stage;
  Client greedy(stage.listen(TlsMode::cleartext));
  greedy.send("flood 100000000\n");
  CHECK(greedy.line() == "hello\n");
  stage.server().shutdown(50ms);
  stage.join();
  CHECK(stage.probe().gone == 1);
  CHECK(stage.probe().flooded < 100'000'000);
}

TEST_CASE("a server may go while connections are open") {
  Stage stage({}, GENERATE(1, 3));
  const std::uint16_t port = stage.listen(TlsMode::cleartext);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    CHECK(clients.back()->line() == "hello\n");
    if (i % 2 == 0) clients.back()->send("wait\n");
  }
  const protocol::Ring ring = stage.probe().last_ring();
  stage.destroy_server();
  for (const auto& client : clients) CHECK(client->at_end());
  stage.join();
  CHECK(stage.probe().gone == 20);
  ring();
}

TEST_CASE("a context may go while connections are open") {
  auto io = std::make_unique<asio::io_context>();
  std::atomic<int> gone = 0;
  protocol::Ring last_ring;
  struct Idle final : protocol::Session {
    explicit Idle(std::atomic<int>& counter) : gone(counter) {}
    ~Idle() override { ++gone; }
    void set_now(protocol::Clock::time_point) override {}
    std::size_t receive(std::string_view octets) override { return octets.size(); }
    void produce(std::string&, std::size_t) override {}
    protocol::Want want() const override { return protocol::Want::read; }
    std::optional<protocol::Clock::time_point> deadline() const override { return protocol::Clock::now() + 1h; }
    bool authenticated() const override { return true; }
    void on_tls_started(protocol::TlsInfo) override {}
    void on_deadline() override {}
    void on_store_changed() override {}
    void on_shutdown() override {}
    void on_disconnect() override {}
    std::atomic<int>& gone;
  };
  {
    net::Server server(io->get_executor(), [&](protocol::Peer, protocol::Ring ring) {
      last_ring = std::move(ring);
      return std::make_unique<Idle>(gone);
    });
    const Client client(server.listen("127.0.0.1:0", TlsMode::cleartext).value());
    while (server.connections() == 0) io->run_one();
    while (!last_ring) io->run_one();
    CHECK(gone == 0);
  }
  io.reset();
  CHECK(gone == 1);
  last_ring();
}

// Clang's UndefinedBehaviorSanitizer itself needs a descriptor for each object that it looks at.
#if defined(__clang__) && defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define POSTFACH_NEEDS_DESCRIPTORS
#endif
#endif
#ifndef POSTFACH_NEEDS_DESCRIPTORS
TEST_CASE("out of file descriptors: accepting goes on later, and does not spin meanwhile") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  Stage stage;
  const std::uint16_t port = stage.listen(TlsMode::cleartext);
  Client before(port);
  CHECK(before.line() == "hello\n");
  rlimit low = limit;
  low.rlim_cur = 3;
  {
    // The client's socket is made before the limit sinks, the server's has no place.
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(socket >= 0);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const bool paused = eventually([&] { return stage.logged("accept_paused"); });
    const std::clock_t begin = std::clock();
    std::this_thread::sleep_for(300ms);
    const std::clock_t used = std::clock() - begin;
    before.send("echo still here\n");
    const std::string answer = before.line();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    char greeting[6] = {};
    const auto got = ::recv(socket, greeting, sizeof greeting, MSG_WAITALL);
    ::close(socket);
    CHECK(connected == 0);
    CHECK(paused);
    CHECK(used < CLOCKS_PER_SEC / 5);  // a loop would have used all of the 300 ms
    CHECK(answer == "still here\n");
    CHECK(got == 6);
    CHECK(std::string(greeting, 6) == "hello\n");
  }
}
#endif

TEST_CASE("ticks come one after another until the end") {
  const bool with_workers = GENERATE(false, true);
  asio::thread_pool pool(2);
  std::atomic<int> ticks = 0;
  std::atomic<bool> running = false;
  std::atomic<bool> overlapped = false;
  const auto tick = [&] {
    if (running.exchange(true)) overlapped = true;
    std::this_thread::sleep_for(3ms);
    running = false;
    if (++ticks == 1) throw std::runtime_error("as asked");
  };
  net::ServerOptions options{.tick = tick, .tick_interval = 1ms};
  if (with_workers) options.workers = pool.get_executor();
  {
    Stage stage(std::move(options));
    stage.listen(TlsMode::cleartext);
    stage.listen(TlsMode::cleartext);
    CHECK(eventually([&] { return ticks >= 5; }));
    CHECK_FALSE(overlapped);
    CHECK(stage.logged("tick_exception"));
    stage.server().shutdown();
    stage.join();
    pool.join();  // a tick that is running sets the timer of the stage's context
  }
}

}  // namespace
}  // namespace postfach::test
