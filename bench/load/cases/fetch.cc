// FETCH of all messages of a large mailbox.
#include <fmt/format.h>

#include "bench.h"
#include "cases.h"
#include "mailboxes.h"
#include "measurement.h"

namespace load {
namespace {

// Fetches all, once, while the clocks run.
awaitable<void> fetch(Bench& bench, Measurement& measurement, ImapClient& client, std::string_view command,
                      std::uint64_t octets) {
  const auto* const answer = co_await client.command(command);
  expect_equal(answer->fetches, bench.options.messages, "messages were fetched");
  if (octets > 0) {
    expect_equal(answer->literal_octets, octets, "octets were fetched");
    measurement.add_octets(octets);
  }
  measurement.count(answer->fetches);
}

}  // namespace

awaitable<void> run_fetch_first(Bench& bench, const Case& which) {
  const std::string mailbox = "fetched-first";
  bench.corpus.prepare(bench.options.messages);
  ImapClient filling(bench.network);
  co_await enter(bench, filling, kReader);
  co_await create_anew(filling, mailbox);
  co_await fill(filling, bench.corpus, mailbox, 0, bench.options.messages);
  co_await filling.log_out();
  ImapClient client(bench.network);
  co_await enter(bench, client, kReader);
  co_await client.command("SELECT " + mailbox);
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  co_await measurement.begin();
  co_await fetch(bench, measurement, client, which.text, 0);
  co_await measurement.end();
  co_await client.command("UNSELECT");
  co_await client.command("DELETE " + mailbox);
  co_await client.log_out();
}

awaitable<void> run_fetch_new_session(Bench& bench, const Case& which) {
  const std::string mailbox = co_await ensure_reading_mailbox(bench);
  Measurement unmeasured(bench, "", "");
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  for (bool is_first = true; measurement.goes_on(); is_first = false) {
    ImapClient client(bench.network);
    co_await enter(bench, client, kReader);
    co_await client.command("SELECT " + mailbox);
    if (is_first) {  // the server may keep for later what it finds out now
      co_await fetch(bench, unmeasured, client, which.text, 0);
      co_await settle(bench);
    } else {
      measurement.resume();
      co_await fetch(bench, measurement, client, which.text, 0);
      measurement.pause();
    }
    co_await client.log_out();
  }
  measurement.end_paused();
}

awaitable<void> run_fetch(Bench& bench, const Case& which) {
  const std::string mailbox = co_await ensure_reading_mailbox(bench);
  const bool has_bodies = which.text.find("BODY") != std::string_view::npos;
  const std::uint64_t octets = has_bodies ? bench.corpus.octets(bench.options.messages) : 0;
  ImapClient client(bench.network);
  co_await enter(bench, client, kReader);
  co_await client.command("SELECT " + mailbox);
  Measurement unmeasured(bench, "", "");
  co_await fetch(bench, unmeasured, client, which.text, octets);
  Measurement measurement(bench, std::string(which.name), std::string(which.unit));
  co_await measurement.begin();
  while (measurement.goes_on()) co_await fetch(bench, measurement, client, which.text, octets);
  co_await measurement.end();
  co_await client.log_out();
}

}  // namespace load
