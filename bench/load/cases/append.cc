// APPEND, as programs that move mail to a server do it (pipelined, or many messages at a time) and as many programs at
// once do it.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

constexpr std::size_t kMessages = 1'000;  // of the corpus, over and over again
constexpr std::size_t kOnTheirWay = 20;
constexpr std::size_t kAtATime = 50;  // of one command

const std::string kMailbox = "appended";

// A whole command, and what it brings.
struct Request {
  std::string octets;
  std::uint64_t messages = 0;
  std::uint64_t message_octets = 0;
};

// Commands for the first messages of the corpus, made before the clock runs.
std::vector<Request> make_requests(Corpus& corpus, std::size_t messages_each) {
  corpus.prepare(kMessages);
  std::vector<Request> requests;
  for (std::size_t i = 0; i < kMessages;) {
    Request& request = requests.emplace_back();
    request.octets = fmt::format("{}APPEND {}", kTag, kMailbox);
    for (std::size_t j = 0; j < messages_each; ++j, ++i) {
      const std::string& message = corpus.message(i);
      fmt::format_to(std::back_inserter(request.octets), " (\\Seen) {{{}+}}\r\n", message.size());
      request.octets += message;
      request.messages += 1;
      request.message_octets += message.size();
    }
    request.octets += "\r\n";
  }
  return requests;
}

void count(Measurement& measurement, const Request& request) {
  measurement.count(request.messages);
  measurement.add_octets(request.message_octets);
}

// With up to so many commands under way.
awaitable<void> append(Measurement& measurement, ImapClient& client, const std::vector<Request>& requests,
                       std::size_t first, std::size_t window) {
  std::size_t sent = first;
  std::size_t answered = first;
  const bool is_lockstep = window == 1;
  for (;;) {
    const bool goes_on = measurement.goes_on();
    if (!goes_on && answered == sent) break;
    if (goes_on && sent - answered < window) {
      const auto begin = Measurement::Clock::now();
      co_await client.send(requests[sent++ % requests.size()].octets);
      if (sent - answered < window) continue;
      co_await client.answer();
      if (is_lockstep) measurement.add_latency(Measurement::Clock::now() - begin);
    } else {
      co_await client.answer();
    }
    count(measurement, requests[answered++ % requests.size()]);
  }
}

awaitable<void> prepare(Bench& bench, ImapClient& client, int account, bool makes_mailbox) {
  co_await enter(bench, client, account);
  if (makes_mailbox) co_await create_anew(client, kMailbox);
}

awaitable<void> finish(ImapClient& client, std::uint64_t expected) {
  expect_equal(co_await count_messages(client, kMailbox), expected, "messages were appended");
  co_await client.command("DELETE " + kMailbox);
}

awaitable<void> run_one(Bench& bench, const Case& which, std::size_t messages_each, std::size_t window) {
  const auto requests = make_requests(bench.corpus, messages_each);
  ImapClient client(bench.network);
  co_await prepare(bench, client, kReceiver, true);
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  co_await measurement.begin();
  co_await append(measurement, client, requests, 0, window);
  co_await measurement.end();
  co_await finish(client, measurement.report().ops);
  co_await client.log_out();
}

}  // namespace

awaitable<void> run_append_pipelined(Bench& bench, const Case& which) { return run_one(bench, which, 1, kOnTheirWay); }

awaitable<void> run_append_multiple(Bench& bench, const Case& which) { return run_one(bench, which, kAtATime, 1); }

awaitable<void> run_append_many(Bench& bench, const Case& which) {
  const int connections = bench.options.connections > 0 ? bench.options.connections : which.number;
  const int accounts = which.text == "shared" ? 1 : std::min(connections, 16);
  const auto requests = make_requests(bench.corpus, 1);
  std::vector<std::unique_ptr<ImapClient>> clients;
  for (int i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<ImapClient>(bench.network));
    co_await prepare(bench, *clients.back(), kReceiver + i % accounts, i < accounts);
  }
  Measurement measurement(bench, std::string(which.name), std::string(which.unit), connections);
  co_await measurement.begin();
  std::vector<awaitable<void>> parts;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    parts.push_back(append(measurement, *clients[i], requests, i * 61, 1));
  }
  co_await together(bench.network, std::move(parts));
  co_await measurement.end();
  std::uint64_t appended = 0;
  for (int i = 0; i < accounts; ++i) {
    ImapClient& client = *clients[static_cast<std::size_t>(i)];
    appended += co_await count_messages(client, kMailbox);
    co_await client.command("DELETE " + kMailbox);
  }
  expect_equal(appended, measurement.report().ops, "messages were appended");
  for (auto& client : clients) co_await client->log_out();
}

}  // namespace load
