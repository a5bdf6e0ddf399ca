// STORE: flags of all messages at once, and of one message at a time.
#include <fmt/format.h>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

constexpr std::string_view kFlag = "\\Flagged";

// All of the mailbox or none of it has the flag.
awaitable<void> expect_flagged(ImapClient& client, std::uint64_t expected) {
  const auto* const answer = co_await client.command("SEARCH FLAGGED");
  expect_equal(answer->found, expected, "messages are flagged");
}

}  // namespace

awaitable<void> run_store_bulk(Bench& bench, const Case& which) {
  const std::string mailbox = co_await ensure_reading_mailbox(bench);
  ImapClient client(bench.network);
  co_await enter(bench, client, kReader);
  co_await client.command("SELECT " + mailbox);
  co_await client.command(fmt::format("STORE 1:* -FLAGS.SILENT ({})", kFlag));
  const std::string commands[] = {fmt::format("STORE 1:* +FLAGS{} ({})", which.text, kFlag),
                                  fmt::format("STORE 1:* -FLAGS{} ({})", which.text, kFlag)};
  const std::uint64_t answers = which.text.empty() ? bench.options.messages : 0;
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  measurement.report().note = fmt::format("{} messages each", bench.options.messages);
  co_await measurement.begin();
  std::size_t done = 0;
  for (; measurement.goes_on(); ++done) {
    const auto begin = Measurement::Clock::now();
    const auto* const answer = co_await client.command(commands[done % 2]);
    measurement.add_latency(Measurement::Clock::now() - begin);
    expect_equal(answer->fetches, answers, "messages were answered");
    measurement.count();
  }
  co_await measurement.end();
  co_await expect_flagged(client, done % 2 == 1 ? bench.options.messages : 0);
  co_await client.command(fmt::format("STORE 1:* -FLAGS.SILENT ({})", kFlag));
  co_await client.log_out();
}

awaitable<void> run_store_single(Bench& bench, const Case& which) {
  const std::string mailbox = co_await ensure_reading_mailbox(bench);
  ImapClient client(bench.network);
  co_await enter(bench, client, kReader);
  co_await client.command("SELECT " + mailbox);
  co_await client.command(fmt::format("STORE 1:* -FLAGS.SILENT ({})", kFlag));
  const auto window = static_cast<std::size_t>(which.number);
  const std::size_t messages = bench.options.messages;
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  std::size_t sent = 0;
  std::size_t answered = 0;
  std::string request;
  co_await measurement.begin();
  for (;;) {
    const bool goes_on = measurement.goes_on();
    if (!goes_on && answered == sent) break;
    const auto begin = Measurement::Clock::now();
    if (goes_on && sent - answered < window) {
      // Each changes something: the flag comes to all messages, and goes from all.
      request.clear();
      fmt::format_to(std::back_inserter(request), "{}STORE {} {}FLAGS ({})\r\n", kTag, sent % messages + 1,
                     sent / messages % 2 == 0 ? '+' : '-', kFlag);
      co_await client.send(request);
      ++sent;
      if (sent - answered < window) continue;
    }
    const auto* const answer = co_await client.answer();
    if (window == 1) {
      measurement.add_latency(Measurement::Clock::now() - begin);
      // Of pipelined ones, Dovecot tells the new flags when it comes to it.
      expect_equal(answer->fetches, 1, "messages were answered");
    }
    ++answered;
    measurement.count();
  }
  co_await measurement.end();
  const std::size_t in_pass = answered % messages;
  co_await expect_flagged(client, answered / messages % 2 == 0 ? in_pass : messages - in_pass);
  co_await client.command(fmt::format("STORE 1:* -FLAGS.SILENT ({})", kFlag));
  co_await client.log_out();
}

}  // namespace load
