// A POP3 program that leaves its mail on the server.
#include <algorithm>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

constexpr std::uint32_t kMessages = 1'000;

awaitable<void> ensure_maildrop(Bench& bench) {
  bench.corpus.prepare(kMessages);
  ImapClient client(bench.network);
  co_await enter(bench, client, kMaildrop);
  co_await ensure(bench, client, bench.corpus, "INBOX", kMessages);
  co_await client.log_out();
}

awaitable<void> enter(Bench& bench, Pop3Client& client) {
  co_await client.open(pop3_of(bench));
  co_await client.log_in(bench.options.user(kMaildrop), bench.options.password);
}

awaitable<void> fetch_all(Bench& bench, Measurement& measurement, Pop3Client& client, std::uint32_t window) {
  expect_equal(co_await client.stat(), kMessages, "messages are in the maildrop");
  expect_equal(co_await client.uidl(), kMessages, "messages are listed");
  std::uint32_t sent = 0;
  for (std::uint32_t fetched = 0; fetched < kMessages; ++fetched) {
    while (sent < kMessages && sent - fetched < window) co_await client.send_retr(++sent);
    const std::size_t size = bench.corpus.message(fetched).size();
    co_await client.retrieved(size);
    measurement.count();
    measurement.add_octets(size);
  }
}

}  // namespace

awaitable<void> run_pop3_retr(Bench& bench, const Case& which) {
  co_await ensure_maildrop(bench);
  Measurement unmeasured(bench, "", "");
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  for (bool is_first = true; measurement.goes_on(); is_first = false) {
    Pop3Client client(bench.network);
    co_await enter(bench, client);
    if (!is_first) measurement.resume();
    co_await fetch_all(bench, is_first ? unmeasured : measurement, client, static_cast<std::uint32_t>(which.number));
    if (!is_first) measurement.pause();
    co_await client.quit();
    if (is_first) co_await settle(bench);
  }
  measurement.end_paused();
}

awaitable<void> run_pop3_login(Bench& bench, const Case& which) {
  co_await ensure_maildrop(bench);
  const auto visit = [&bench]() -> awaitable<void> {
    Pop3Client client(bench.network);
    co_await enter(bench, client);
    expect_equal(co_await client.stat(), kMessages, "messages are in the maildrop");
    co_await client.quit();
  };
  co_await visit();
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  co_await measurement.begin();
  while (measurement.goes_on()) {
    const auto begin = Measurement::Clock::now();
    co_await visit();
    measurement.add_latency(Measurement::Clock::now() - begin);
    measurement.count();
  }
  co_await measurement.end();
}

}  // namespace load
