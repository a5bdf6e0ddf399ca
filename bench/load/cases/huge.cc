// Mailboxes of up to a million messages: SELECT, and whether deliveries and FETCH cost the same as in small ones.
#include <fmt/format.h>

#include <array>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

constexpr std::uint32_t kSmallMessages = 1'000;  // that are different
constexpr std::uint32_t kFetched = 1'000;
constexpr std::array<std::uint32_t, 4> kSizes = {1'000, 10'000, 100'000, 1'000'000};

// The name of the mailbox; `is_new` if it had to be filled.
awaitable<std::string> ensure_huge(Bench& bench, int messages, bool& is_new) {
  const std::string mailbox = fmt::format("huge-{}", messages);
  bench.small.prepare(kSmallMessages);
  ImapClient client(bench.network);
  co_await enter(bench, client, kHuge);
  is_new = co_await ensure(bench, client, bench.small, mailbox, static_cast<std::uint32_t>(messages));
  co_await client.log_out();
  co_return mailbox;
}

// SELECT in a session that was opened before; the clocks run for it alone.
awaitable<void> select(Bench& bench, Measurement& measurement, const std::string& mailbox, int messages) {
  ImapClient client(bench.network);
  co_await enter(bench, client, kHuge);
  const std::string command = "SELECT " + mailbox;
  measurement.resume();
  const auto begin = Measurement::Clock::now();
  const auto* const selected = co_await client.command(command);
  measurement.add_latency(Measurement::Clock::now() - begin);
  measurement.pause();
  expect_equal(selected->exists, static_cast<std::uint64_t>(messages), "messages exist");
  measurement.count();
  co_await client.log_out();
}

awaitable<void> measure_deliveries(Bench& bench, const std::string& name, const std::string& recipient) {
  LmtpClient client(bench.network);
  co_await client.open(lmtp_of(bench));
  co_await client.deliver(recipient, bench.small.message(0));
  Measurement measurement(bench, name, "message");
  co_await measurement.begin();
  for (std::size_t next = 0; measurement.goes_on(); ++next) {
    const auto begin = Measurement::Clock::now();
    co_await client.deliver(recipient, bench.small.message(next % kSmallMessages));
    measurement.add_latency(Measurement::Clock::now() - begin);
    measurement.count();
  }
  co_await measurement.end();
  co_await client.quit();
}

awaitable<void> measure_fetch(Bench& bench, const std::string& name, ImapClient& client) {
  const auto* const selected = co_await client.command("SELECT INBOX");
  const std::string command = fmt::format("FETCH {}:{} (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE)",
                                          selected->exists - kFetched + 1, selected->exists);
  co_await client.command(command);
  Measurement measurement(bench, name, "message");
  co_await measurement.begin();
  while (measurement.goes_on()) {
    const auto* const answer = co_await client.command(command);
    expect_equal(answer->fetches, kFetched, "messages were fetched");
    measurement.count(kFetched);
  }
  co_await measurement.end();
  co_await client.command("UNSELECT");
}

}  // namespace

awaitable<void> run_select_first(Bench& bench, const Case& which) {
  bool is_new = false;
  const std::string mailbox = co_await ensure_huge(bench, which.number, is_new);
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  if (is_new) measurement.report().note = "the mailbox was filled just now: start the server anew and run this again";
  co_await select(bench, measurement, mailbox, which.number);
  measurement.end_paused();
}

awaitable<void> run_select(Bench& bench, const Case& which) {
  bool is_new = false;
  const std::string mailbox = co_await ensure_huge(bench, which.number, is_new);
  Measurement unmeasured(bench, "", "");
  co_await select(bench, unmeasured, mailbox, which.number);
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  while (measurement.goes_on()) co_await select(bench, measurement, mailbox, which.number);
  measurement.end_paused();
}

awaitable<void> run_growth(Bench& bench, const Case& which) {
  const int account = kGrowing + which.number;
  const std::uint32_t messages = kSizes[static_cast<std::size_t>(which.number)];
  bench.small.prepare(kSmallMessages);
  ImapClient client(bench.network);
  co_await enter(bench, client, account);
  co_await ensure(bench, client, bench.small, "INBOX", messages);
  const std::string name(which.name);
  co_await measure_fetch(bench, name + "-fetch", client);
  co_await measure_deliveries(bench, name + "-lmtp", bench.options.user(account));
  co_await cut(client, "INBOX", messages);
  co_await client.log_out();
}

}  // namespace load
