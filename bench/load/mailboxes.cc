#include "mailboxes.h"

#include <fmt/format.h>

#include <iterator>

#include "measurement.h"

namespace load {
namespace {

// Of one APPEND with many messages (RFC 3502): large enough that commands do not matter, small enough that both
// servers take it in one go.
constexpr std::size_t kBatchOctets = 4U << 20U;
constexpr std::uint32_t kBatchMessages = 500;

}  // namespace

awaitable<void> fill(ImapClient& client, const Corpus& corpus, std::string_view mailbox, std::uint32_t begin,
                     std::uint32_t end) {
  std::string request;
  while (begin < end) {
    request = kTag;
    fmt::format_to(std::back_inserter(request), "APPEND {}", mailbox);
    for (std::uint32_t in_batch = 0; begin < end && in_batch < kBatchMessages && request.size() < kBatchOctets;
         ++begin, ++in_batch) {
      const std::string& message = corpus.message(begin % corpus.size());
      fmt::format_to(std::back_inserter(request), " {{{}+}}\r\n", message.size());
      request += message;
    }
    request += "\r\n";
    co_await client.send(request);
    co_await client.answer();
  }
}

awaitable<std::uint32_t> count_messages(ImapClient& client, std::string_view mailbox) {
  const auto* const answer = co_await client.command(fmt::format("STATUS {} (MESSAGES)", mailbox));
  co_return answer->messages;
}

awaitable<void> create_anew(ImapClient& client, const std::string& mailbox) {
  const auto* const listed = co_await client.command("LIST \"\" " + mailbox);
  if (listed->listed > 0) co_await client.command("DELETE " + mailbox);
  co_await client.command("CREATE " + mailbox);
}

awaitable<bool> ensure(Bench& bench, ImapClient& client, Corpus& corpus, const std::string& mailbox,
                       std::uint32_t count) {
  const auto* const listed = co_await client.command("LIST \"\" " + mailbox);
  if (listed->listed > 0) {
    const std::uint32_t messages = co_await count_messages(client, mailbox);
    if (messages == count) co_return false;
  }
  if (mailbox == "INBOX") {
    co_await cut(client, mailbox, 0);
  } else {
    co_await create_anew(client, mailbox);
  }
  co_await fill(client, corpus, mailbox, 0, count);
  expect_equal(co_await count_messages(client, mailbox), count, "messages were appended");
  co_await settle(bench);
  co_return true;
}

awaitable<void> cut(ImapClient& client, std::string_view mailbox, std::uint32_t count) {
  const auto* const selected = co_await client.command(fmt::format("SELECT {}", mailbox));
  if (selected->exists > count) {
    co_await client.command(fmt::format("STORE {}:* +FLAGS.SILENT (\\Deleted)", count + 1));
    co_await client.command("EXPUNGE");
  }
  co_await client.command("UNSELECT");
}

awaitable<std::string> ensure_reading_mailbox(Bench& bench) {
  const std::string name = fmt::format("reading-{}-{}", bench.options.messages, bench.options.seed);
  bench.corpus.prepare(bench.options.messages);
  ImapClient client(bench.network);
  co_await enter(bench, client, kReader);
  co_await ensure(bench, client, bench.corpus, name, bench.options.messages);
  co_await client.log_out();
  co_return name;
}

}  // namespace load
