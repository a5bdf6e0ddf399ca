// How soon a session that idles learns of a new message: from the moment that the sender has its OK to EXISTS.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

using Clock = Measurement::Clock;

constexpr auto kInterval = std::chrono::milliseconds(50);
constexpr std::size_t kMessages = 200;     // of the corpus, over and over again
constexpr std::size_t kLargest = 100'000;  // larger ones are left out: this is about the bell, not the parcel

struct Times {
  std::vector<Clock::time_point> acknowledged, seen;
};

awaitable<void> watch(ImapClient& client, Times& times, std::size_t messages) {
  while (times.seen.size() < messages) {
    const std::uint32_t exists = co_await client.exists();
    const auto now = Clock::now();
    while (times.seen.size() < exists) times.seen.push_back(now);
  }
}

using Send = std::function<awaitable<void>(const std::string& message)>;

awaitable<void> send_often(Bench& bench, Measurement& measurement, Times& times, std::size_t messages,
                           const Send& send) {
  auto next = Clock::now();
  std::size_t index = 0;
  while (times.acknowledged.size() < messages) {
    while (bench.corpus.message(index % kMessages).size() > kLargest) ++index;
    co_await send(bench.corpus.message(index++ % kMessages));
    times.acknowledged.push_back(Clock::now());
    measurement.count();
    next += kInterval;
    co_await sleep_for(bench.network, next - Clock::now());
  }
}

awaitable<void> run(Bench& bench, const Case& which, Send send) {
  bench.corpus.prepare(kMessages);
  ImapClient watching(bench.network);
  co_await enter(bench, watching, kNotified);
  co_await cut(watching, "INBOX", 0);
  co_await watching.command("SELECT INBOX");
  co_await watching.idle();
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  Times times;
  const auto messages = static_cast<std::size_t>(std::chrono::duration<double>(bench.options.seconds) / kInterval) + 1;
  co_await measurement.begin();
  std::vector<awaitable<void>> parts;
  parts.push_back(watch(watching, times, messages));
  parts.push_back(send_often(bench, measurement, times, messages, send));
  co_await together(bench.network, std::move(parts));
  for (std::size_t i = 0; i < times.acknowledged.size(); ++i) {
    measurement.add_latency(std::max(times.seen[i] - times.acknowledged[i], Clock::duration::zero()));
  }
  measurement.report().note = "20 messages a second";
  co_await measurement.end();
  co_await watching.done();
  co_await watching.log_out();
}

}  // namespace

awaitable<void> run_notify_append(Bench& bench, const Case& which) {
  ImapClient sender(bench.network);
  co_await enter(bench, sender, kNotified);
  std::string request;
  co_await run(bench, which, [&](const std::string& message) -> awaitable<void> {
    request.clear();
    fmt::format_to(std::back_inserter(request), "{}APPEND INBOX {{{}+}}\r\n", kTag, message.size());
    request += message;
    request += "\r\n";
    co_await sender.send(request);
    co_await sender.answer();
  });
  co_await sender.log_out();
}

awaitable<void> run_notify_lmtp(Bench& bench, const Case& which) {
  LmtpClient sender(bench.network);
  co_await sender.open(lmtp_of(bench));
  const std::string recipient = bench.options.user(kNotified);
  co_await run(bench, which, [&](const std::string& message) { return sender.deliver(recipient, message); });
  co_await sender.quit();
}

}  // namespace load
