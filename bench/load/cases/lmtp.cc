// Deliveries, as an MTA hands them over: connections that stay open, one message after the other on each.
#include <algorithm>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

constexpr std::size_t kMessages = 1'000;  // of the corpus, over and over again

awaitable<void> deliver(Bench& bench, Measurement& measurement, LmtpClient& client, int account) {
  const std::string recipient = bench.options.user(account);
  std::size_t next = static_cast<std::size_t>(account) * 101;
  while (measurement.goes_on()) {
    const std::string& message = bench.corpus.message(next++ % kMessages);
    const auto begin = Measurement::Clock::now();
    co_await client.deliver(recipient, message);
    measurement.add_latency(Measurement::Clock::now() - begin);
    measurement.add_octets(message.size());
    measurement.count();
  }
}

awaitable<std::uint64_t> empty(Bench& bench, int account) {
  ImapClient client(bench.network);
  co_await enter(bench, client, account);
  const auto count = co_await count_messages(client, "INBOX");
  co_await cut(client, "INBOX", 0);
  co_await client.log_out();
  co_return count;
}

}  // namespace

awaitable<void> run_lmtp(Bench& bench, const Case& which) {
  const int connections = bench.options.connections > 0 ? bench.options.connections : which.number;
  const int accounts = std::min(connections, 16);
  bench.corpus.prepare(kMessages);
  for (int i = 0; i < accounts; ++i) co_await empty(bench, kReceiver + i);
  std::vector<std::unique_ptr<LmtpClient>> clients;
  for (int i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<LmtpClient>(bench.network));
    co_await clients.back()->open(lmtp_of(bench));
    // Not the first delivery ever to this account, nor the first of this connection.
    co_await clients.back()->deliver(bench.options.user(kReceiver + i % accounts), bench.corpus.message(0));
  }
  Measurement measurement(bench, std::string(which.name), std::string(which.unit), connections);
  co_await measurement.begin();
  std::vector<awaitable<void>> parts;
  parts.reserve(static_cast<std::size_t>(connections));
  for (int i = 0; i < connections; ++i) {
    parts.push_back(deliver(bench, measurement, *clients[static_cast<std::size_t>(i)], kReceiver + i % accounts));
  }
  co_await together(bench.network, std::move(parts));
  co_await measurement.end();
  for (auto& client : clients) co_await client->quit();
  std::uint64_t arrived = 0;
  for (int i = 0; i < accounts; ++i) arrived += co_await empty(bench, kReceiver + i);
  expect_equal(arrived, measurement.report().ops + static_cast<std::uint64_t>(connections), "messages arrived");
}

}  // namespace load
