// SEARCH for what a known number of messages has.
#include <fmt/format.h>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

// To build an index of 10,000 messages may take its time, with pauses.
constexpr auto kQuiet = std::chrono::seconds(3);
constexpr auto kMostToPrepare = std::chrono::minutes(5);

Mark mark_of(std::string_view key, bool is_indexed) {
  if (key == "SUBJECT") return Mark::subject;
  if (key == "FROM") return Mark::from;
  if (key.starts_with("HEADER")) return Mark::list;
  return is_indexed ? Mark::body : Mark::short_body;
}

awaitable<void> search(Bench& bench, const Case& which, bool is_indexed) {
  const std::string mailbox = co_await ensure_reading_mailbox(bench);
  const Mark mark = mark_of(which.text, is_indexed);
  const std::string command = fmt::format("SEARCH {} \"{}\"", which.text, Corpus::text_of(mark));
  const std::uint64_t expected = Corpus::count(mark, bench.options.messages);
  ImapClient client(bench.network);
  co_await enter(bench, client, kReader);
  co_await client.command("SELECT " + mailbox);
  const auto* answer = co_await client.command(command);
  expect_equal(answer->found, expected, "messages were found");
  if (is_indexed) co_await settle(bench, kQuiet, kMostToPrepare);
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  co_await measurement.begin();
  while (measurement.goes_on()) {
    const auto begin = Measurement::Clock::now();
    answer = co_await client.command(command);
    measurement.add_latency(Measurement::Clock::now() - begin);
    expect_equal(answer->found, expected, "messages were found");
    measurement.count();
  }
  co_await measurement.end();
  co_await client.log_out();
}

}  // namespace

awaitable<void> run_search(Bench& bench, const Case& which) { return search(bench, which, false); }

awaitable<void> run_search_indexed(Bench& bench, const Case& which) { return search(bench, which, true); }

}  // namespace load
