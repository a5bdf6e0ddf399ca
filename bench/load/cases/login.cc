// A mail program that looks at its INBOX and goes: TCP, TLS, LOGIN, SELECT, LOGOUT.
#include <fmt/format.h>

#include <algorithm>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

constexpr std::uint32_t kMessages = 50;  // in each INBOX

// Whether the TLS session was resumed.
awaitable<bool> visit(Bench& bench, int account, Handshake handshake) {
  ImapClient client(bench.network);
  co_await enter(bench, client, account, handshake);
  const auto* const selected = co_await client.command("SELECT INBOX");
  expect_equal(selected->exists, kMessages, "messages exist");
  co_await client.log_out();
  co_return client.was_resumed();
}

awaitable<void> visit_often(Bench& bench, Measurement& measurement, Handshake handshake, int first, int& resumed) {
  for (int i = first; measurement.goes_on(); ++i) {
    const auto begin = Measurement::Clock::now();
    const bool was_resumed = co_await visit(bench, kLoggingIn + i % kLoggingInCount, handshake);
    if (was_resumed) ++resumed;
    measurement.add_latency(Measurement::Clock::now() - begin);
    measurement.count();
  }
}

}  // namespace

awaitable<void> run_login(Bench& bench, const Case& which) {
  const auto handshake = which.text == "resumed" ? Handshake::resumed : Handshake::full;
  const int connections = std::max(1, bench.options.connections);
  bench.corpus.prepare(kMessages);
  for (int i = 0; i < kLoggingInCount; ++i) {
    ImapClient client(bench.network);
    co_await enter(bench, client, kLoggingIn + i);
    co_await ensure(bench, client, bench.corpus, "INBOX", kMessages);
    co_await client.log_out();
    co_await visit(bench, kLoggingIn + i, handshake);
  }
  Measurement measurement(bench, std::string(which.name), std::string(which.unit), connections);
  int resumed = 0;
  co_await measurement.begin();
  std::vector<awaitable<void>> parts;
  parts.reserve(static_cast<std::size_t>(connections));
  for (int i = 0; i < connections; ++i) parts.push_back(visit_often(bench, measurement, handshake, i, resumed));
  co_await together(bench.network, std::move(parts));
  if (handshake == Handshake::resumed) {
    measurement.report().note = fmt::format("{} of {} TLS sessions were resumed", resumed, measurement.report().ops);
  } else {
    expect_equal(static_cast<std::uint64_t>(resumed), 0, "TLS sessions were resumed");
  }
  co_await measurement.end();
}

}  // namespace load
