// Memory of connections that do nothing: logged in under TLS, with a mailbox selected, in IDLE. Each account was used once
// before, so that what a server keeps of accounts rather than connections does not count; the note tells it. Start the
// server anew before, or it still has memory of former connections to use again.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>

#include "bench.h"
#include "cases.h"
#include "measurement.h"

namespace load {
namespace {

constexpr std::size_t kAtATime = 8;  // that log in
// A Dovecot that is tuned hands connections that idle over to a process for all of them, and lets the others end.
constexpr auto kHibernation = std::chrono::seconds(6);

int accounts_of(const Bench& bench) { return bench.options.users - kIdle + 1; }

awaitable<void> visit_accounts(Bench& bench, int connections) {
  for (int i = 0; i < std::min(connections, accounts_of(bench)); ++i) {
    ImapClient client(bench.network);
    co_await enter(bench, client, kIdle + i);
    co_await client.command("SELECT INBOX");
    co_await client.log_out();
  }
}

using Clients = std::vector<std::unique_ptr<ImapClient>>;

awaitable<void> open_some(Bench& bench, Clients& clients, std::size_t first, std::size_t step) {
  const auto accounts = static_cast<std::size_t>(accounts_of(bench));
  for (std::size_t i = first; i < clients.size(); i += step) {
    clients[i] = std::make_unique<ImapClient>(bench.network);
    ImapClient& client = *clients[i];
    co_await enter(bench, client, kIdle + static_cast<int>(i % accounts));
    co_await client.command("SELECT INBOX");
    co_await client.idle();
    client.release_buffer();
  }
}

void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < connections + 50) {
    throw Failure(fmt::format("only {} files can be open: see `ulimit -n`", limit.rlim_max));
  }
}

}  // namespace

awaitable<void> run_idle(Bench& bench, const Case& which) {
  const int connections = bench.options.connections > 0 ? bench.options.connections : which.number;
  allow_descriptors(static_cast<std::size_t>(connections));
  Clients clients(static_cast<std::size_t>(connections));
  Measurement measurement(bench, std::string(which.name), std::string(which.unit), connections);
  const auto unused = bench.server.memory();
  co_await visit_accounts(bench, connections);
  co_await measurement.begin();
  const auto before = bench.server.memory();
  std::vector<awaitable<void>> parts;
  for (std::size_t i = 0; i < kAtATime; ++i) parts.push_back(open_some(bench, clients, i, kAtATime));
  co_await together(bench.network, std::move(parts));
  measurement.pause();
  co_await sleep_for(bench.network, kHibernation);
  co_await settle(bench);
  const auto after = bench.server.memory();
  Report& report = measurement.report();
  report.has_rate = false;
  report.ops = clients.size();
  report.memory = after;
  report.pss_kib_per_connection =
      (static_cast<double>(after.pss_kib) - static_cast<double>(before.pss_kib)) / connections;
  report.note = fmt::format("{} KiB before, {} before each of {} accounts was used once", before.pss_kib,
                            unused.pss_kib, std::min(connections, accounts_of(bench)));
  // They must be alive.
  for (auto& client : clients) co_await client->done();
  measurement.end_paused();
  for (auto& client : clients) co_await client->log_out();
}

}  // namespace load
