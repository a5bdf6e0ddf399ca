// The loop of session.h, seen from the client.

#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "net/client.h"
#include "net/stage.h"

namespace postfach::test {
namespace {

using net::TlsMode;
using namespace std::chrono_literals;

// Each way of running a server.
// patient: threads stay with their clients for so long that each test meets it.
enum class Way { clear, tls, workers, threads, patient };

struct Setting {
  explicit Setting(Way with, net::ServerOptions options = {}) : way(with), pool(2) {
    if (way != Way::clear) options.tls = certificates.context();
    if (way == Way::workers) options.workers = pool.get_executor();
    if (way == Way::patient) {
      options.patience = 50ms;
      options.most_patient = 2;
    }
    stage = std::make_unique<Stage>(std::move(options), way == Way::threads || way == Way::patient ? 3 : 1);
    port = stage->listen(way == Way::clear ? TlsMode::cleartext : TlsMode::implicit);
  }
  ~Setting() {
    CHECK_FALSE(stage->probe().overlapped);
    // Workers post to the context of the stage: they go first.
    stage->destroy_server();
    stage->join();
    pool.join();
    stage.reset();
  }
  std::unique_ptr<Client> connect() const {
    auto client = std::make_unique<Client>(port);
    if (way != Way::clear) REQUIRE(client->start_tls());
    return client;
  }

  Way way;
  Certificates certificates;
  asio::thread_pool pool;
  std::unique_ptr<Stage> stage;
  std::uint16_t port = 0;
};

TEST_CASE("what came together is offered together, and nothing waits for more") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::workers, Way::threads, Way::patient));
  const auto client = setting.connect();
  CHECK(client->line() == "hello\n");
  // The client waits for its answer: so it gets one.
  client->send("hold one\n");
  CHECK(client->line() == "held one\n");
  CHECK(client->line() == "of 1\n");
  // Also when what follows is not complete.
  client->send("hold one\nhold two\nhold thr");
  CHECK(client->line() == "held one\n");
  CHECK(client->line() == "held two\n");
  CHECK(client->line() == "of 2\n");
  client->send("ee\nhold four\necho five\nhold six\n");
  CHECK(client->line() == "held three\n");
  CHECK(client->line() == "held four\n");
  CHECK(client->line() == "of 2\n");
  CHECK(client->line() == "five\n");
  CHECK(client->line() == "held six\n");
  CHECK(client->line() == "of 1\n");
}

TEST_CASE("what comes in many pieces and at once is joined over several reads") {
  net::ServerOptions options;
  options.read_buffer_size = 1024;
  const Setting setting(GENERATE(Way::tls, Way::workers, Way::patient), std::move(options));
  const auto client = setting.connect();
  CHECK(client->line() == "hello\n");
  std::string commands;
  for (int i = 0; i < 1000; ++i) commands += "hold " + std::to_string(i) + "\n";
  client->send(commands);
  int batches = 0;
  for (int i = 0; i < 1000;) {
    const std::string line = client->line();
    REQUIRE(!line.empty());
    if (line.starts_with("of ")) {
      ++batches;
    } else {
      CHECK(line == "held " + std::to_string(i++) + "\n");
    }
  }
  // One of these commands has ten octets: more of them were joined than a buffer holds.
  CHECK(batches < 8);
}

TEST_CASE("commands are answered, alone and pipelined") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::workers, Way::threads, Way::patient));
  const auto client = setting.connect();
  CHECK(client->line() == "hello\n");
  client->send("echo one\n");
  CHECK(client->line() == "one\n");

  std::string commands;
  std::string answers;
  for (int i = 0; i < 20'000; ++i) {
    commands += "echo " + std::to_string(i) + "\n";
    answers += std::to_string(i) + "\n";
  }
  answers += "bye\n";
  std::thread sender([&] { client->send(commands + "quit\n"); });
  const std::string got = client->rest();
  sender.join();
  CHECK((got == answers));
  CHECK(eventually([&] { return setting.stage->server().connections() == 0; }));
}

TEST_CASE("answers to commands that came together are sent together") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::patient));
  const auto client = setting.connect();
  CHECK(client->line() == "hello\n");
  client->send("echo a\necho b\necho c\n");
  CHECK(client->read() == "a\nb\nc\n");
}

TEST_CASE("a slow reader holds no more than the output limit, and the rest waits in the session") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::workers, Way::patient), {.soft_output_limit = 10'000});
  constexpr std::size_t size = 30'000'000;
  const auto client = setting.connect();
  client->send("flood " + std::to_string(size) + "\necho after\nquit\n");
  CHECK(client->line() == "hello\n");
  // The kernel's buffers take some of it, but not all.
  CHECK(eventually([&] { return setting.stage->probe().flooded > 0; }));
  std::this_thread::sleep_for(50ms);
  CHECK(setting.stage->probe().flooded < size);
  CHECK((client->rest() == std::string(size, 'x') + "\nafter\nbye\n"));
  CHECK(setting.stage->probe().most_output <= 10'001);
}

TEST_CASE("a client that takes nothing of its answer is dropped") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::patient), {.write_timeout = 100ms});
  const auto client = setting.connect();
  client->send("flood 100000000\n");
  CHECK(eventually([&] { return setting.stage->probe().gone == 1; }));
  CHECK(setting.stage->logged("write_stalled"));
  CHECK(setting.stage->probe().flooded < 100'000'000);
}

TEST_CASE("a deadline counts from the start, whatever the client sends") {
  Setting setting(GENERATE(Way::clear, Way::tls, Way::workers, Way::patient));
  setting.stage->probe().deadline = 200ms;
  const auto silent = setting.connect();
  const auto busy = setting.connect();
  std::thread chatter([&] {
    for (int i = 0; i < 400; ++i) {
      busy->send("e");
      std::this_thread::sleep_for(1ms);
    }
  });
  CHECK(silent->rest() == "hello\ntoo slow\n");
  chatter.join();
  CHECK(busy->rest() == "hello\ntoo slow\n");
}

TEST_CASE("who has not logged in gets little output at once, and no more time by taking it slowly") {
  Setting setting(GENERATE(Way::clear, Way::tls, Way::workers, Way::patient));
  setting.stage->probe().strangers = true;
  setting.stage->probe().deadline = 300ms;
  const auto client = setting.connect();
  client->send("flood 100000000\n");
  // Some of it all the time, so that it never looks stalled.
  CHECK(eventually([&] { return client->read().empty() || setting.stage->probe().gone == 1; }));
  CHECK(setting.stage->probe().gone == 1);
  CHECK(setting.stage->probe().most_output <= 4097);
  CHECK(setting.stage->probe().flooded < 100'000'000);
}

TEST_CASE("rings from other threads come through, many as few") {
  const Setting setting(GENERATE(Way::clear, Way::workers, Way::threads, Way::patient));
  const auto client = setting.connect();
  CHECK(client->line() == "hello\n");
  const protocol::Ring ring = setting.stage->probe().last_ring();
  ring();
  CHECK(client->line() == "ding\n");

  constexpr int count = 50'000;
  std::vector<std::thread> ringers;
  for (int i = 0; i < 2; ++i) {
    ringers.emplace_back([&] {
      for (int n = 0; n < count; ++n) ring();
    });
  }
  for (std::thread& ringer : ringers) ringer.join();
  client->send("quit\n");
  const std::string got = client->rest();
  CHECK(got.starts_with("ding\n"));
  CHECK(got.ends_with("bye\n"));
  CHECK(eventually([&] { return setting.stage->probe().gone == 1; }));
  ring();  // nobody is there, and nothing happens
  CHECK(setting.stage->probe().rings < 2 * count);
}

TEST_CASE("no more threads stay with their clients than may") {
  net::ServerOptions options;
  options.patience = 10s;
  options.most_patient = 1;
  Stage stage(std::move(options), 2);
  const std::uint16_t port = stage.listen(TlsMode::cleartext);
  const auto begin = std::chrono::steady_clock::now();
  {
    Client one(port);
    CHECK(one.line() == "hello\n");  // and the one thread waits for what follows
    Client two(port);
    Client three(port);
    CHECK(two.line() == "hello\n");
    CHECK(three.line() == "hello\n");
    for (Client* client : {&two, &three, &one, &two, &one, &three}) {
      client->send("echo again\n");
      CHECK(client->line() == "again\n");
    }
  }
  CHECK(eventually([&] { return stage.server().connections() == 0; }));
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  stage.destroy_server();
  stage.join();
}

TEST_CASE("a session that waits reads nothing until it is rung") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::workers, Way::patient));
  const auto client = setting.connect();
  CHECK(client->line() == "hello\n");
  const protocol::Ring ring = setting.stage->probe().last_ring();
  client->send("echo first\nwait\necho second\n");
  CHECK(client->line() == "first\n");
  client->send("echo third\nquit\n");
  std::this_thread::sleep_for(20ms);
  ring();
  CHECK(client->rest() == "rung\nsecond\nthird\nbye\n");
}

TEST_CASE("a fault in a session closes its connection alone") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::workers, Way::patient));
  const auto good = setting.connect();
  CHECK(good->line() == "hello\n");
  for (const char* fault : {"throw\n", "stuck\necho more\n"}) {
    const auto bad = setting.connect();
    CHECK(bad->line() == "hello\n");
    bad->send(fault);
    CHECK(bad->at_end());
  }
  CHECK(eventually([&] { return setting.stage->probe().gone == 2; }));
  CHECK(setting.stage->logged("session_exception"));
  good->send("echo fine\n");
  CHECK(good->line() == "fine\n");
}

TEST_CASE("a client that has closed its side gets its answers, and the session is told") {
  const Setting setting(GENERATE(Way::clear, Way::workers, Way::patient));
  const auto client = setting.connect();
  client->send("echo one\nflood 1000000\necho two\n");
  client->shut_writing();
  CHECK((client->rest() == "hello\none\n" + std::string(1'000'000, 'x') + "\ntwo\n"));
  CHECK(setting.stage->probe().disconnects == 1);
}

TEST_CASE("a client that vanishes in the middle of an answer raises no signal") {
  const Setting setting(GENERATE(Way::clear, Way::tls, Way::patient));
  // The default action of SIGPIPE would end the tests.
  REQUIRE(std::signal(SIGPIPE, SIG_DFL) != SIG_ERR);
  for (int i = 0; i < 20; ++i) {
    const auto client = setting.connect();
    client->send("flood 10000000\n");
    CHECK(client->line() == "hello\n");
  }
  CHECK(eventually([&] { return setting.stage->probe().gone == 20; }));
}

}  // namespace
}  // namespace postfach::test
