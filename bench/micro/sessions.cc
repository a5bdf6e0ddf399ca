// Whole commands, from the client's octets to those of the answer, without a socket and TLS.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "benchmark.h"
#include "conversation.h"
#include "postfach/imap/session.h"
#include "postfach/lmtp/session.h"
#include "postfach/pop3/session.h"

namespace bench {
namespace {

using postfach::Store;
using postfach::protocol::Peer;

Peer local_peer() { return {.address = "127.0.0.1", .trusted_cleartext = true}; }

std::shared_ptr<Conversation> imap(const Store& store, const char* name) {
  auto imap = std::make_shared<Conversation>(
      postfach::imap::make_session(store, postfach::imap::SessionOptions{}, local_peer(), [] {}));
  imap->say(fmt::format("l LOGIN {} {}\r\n", name, kPassword), "l OK");
  imap->say("s SELECT INBOX\r\n", "s OK");
  return imap;
}

// The same command about all messages, again and again. It must answer with some octets a message, or the wrong thing
// is measured.
Round about_all(const World& world, const char* name, const std::string& command, std::size_t octets_each) {
  return [imap = imap(world.open(), name), text = "a " + command + "\r\n", octets_each,
          messages = world.messages()](Meter& meter) {
    const std::size_t size = imap->say(text, "a OK", &meter);
    need(size >= octets_each * messages, "an answer is too short");
    return std::uint64_t{messages};
  };
}

Benchmark imap_benchmark(std::string name, std::string command, std::size_t octets_each, const char* who = kReader) {
  return {std::move(name), "message", command,
          [command, octets_each, who](World& world) { return about_all(world, who, command, octets_each); }};
}

Round store_all(const World& world) {
  return [imap = imap(world.open(), kReader), set = false, messages = world.messages()](Meter& meter) mutable {
    set = !set;
    imap->say(set ? "a STORE 1:* +FLAGS (\\Draft)\r\n" : "a STORE 1:* -FLAGS (\\Draft)\r\n", "a OK", &meter);
    return std::uint64_t{messages};
  };
}

Round store_one(const World& world) {
  return [imap = imap(world.open(), kReader), set = false](Meter& meter) mutable {
    constexpr std::uint64_t kTimes = 50;
    set = !set;
    for (std::uint64_t i = 1; i <= kTimes; ++i) {
      imap->say(fmt::format("a STORE {} {}FLAGS (\\Deleted)\r\n", i, set ? '+' : '-'), "a OK", &meter);
    }
    return kTimes;
  };
}

Round append(const World& world) {
  return [imap = imap(world.open(), kWriter), number = std::size_t{0}](Meter& meter) mutable {
    constexpr std::uint64_t kMessages = 50;
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      const std::string octets = ordinary_message(number++);
      imap->say(fmt::format("a APPEND INBOX {{{}+}}\r\n{}\r\n", octets.size(), octets), "a OK", &meter);
    }
    return kMessages;
  };
}

Round imap_login(const World& world) {
  return [store = world.open()](Meter& meter) {
    constexpr std::uint64_t kTimes = 20;
    for (std::uint64_t i = 0; i < kTimes; ++i) {
      meter.start();
      auto client = imap(store, kWriter);
      client->say("q LOGOUT\r\n", "q OK");
      client.reset();
      meter.stop();
    }
    return kTimes;
  };
}

Round lmtp(const World& world) {
  auto options = std::make_shared<postfach::lmtp::SessionOptions>();
  auto lmtp = std::make_shared<Conversation>(postfach::lmtp::make_session(world.open(), options, local_peer()));
  lmtp->say("LHLO localhost\r\n", "250 ");
  return [lmtp, number = std::size_t{0}](Meter& meter) mutable {
    constexpr std::uint64_t kMessages = 50;
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      const std::string octets = ordinary_message(number++);
      meter.start();
      lmtp->say(fmt::format("MAIL FROM:<bob@example.com>\r\nRCPT TO:<{}>\r\nDATA\r\n", kWriter), "354 ");
      lmtp->say(octets + ".\r\n", "250 ");
      meter.stop();
    }
    return kMessages;
  };
}

Round pop3(const World& world) {
  auto pop3 = std::make_shared<Conversation>(
      postfach::pop3::make_session(world.open(), postfach::pop3::SessionOptions{}, local_peer(), [] {}));
  pop3->say(fmt::format("USER {}\r\n", kReader), "+OK");
  pop3->say(fmt::format("PASS {}\r\n", kPassword), "+OK");
  return [pop3, messages = world.messages()](Meter& meter) {
    for (std::uint32_t i = 1; i <= messages; ++i) {
      const std::string command = fmt::format("RETR {}\r\n", i);
      need(pop3->say(command, ".", &meter) > 1000, "a message is too short");
    }
    return std::uint64_t{messages};
  };
}

}  // namespace

std::vector<Benchmark> session_benchmarks() {
  return {
      imap_benchmark("imap-fetch-all", "FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)", 500),
      imap_benchmark("imap-fetch-flags", "FETCH 1:* (UID FLAGS)", 15),
      imap_benchmark("imap-fetch-body", "FETCH 1:* BODY.PEEK[]", 4000),
      imap_benchmark("imap-search-subject", "SEARCH SUBJECT \"contract\"", 0),
      imap_benchmark("imap-search-from", "SEARCH FROM \"nobody\"", 0),
      imap_benchmark("imap-search-header", "SEARCH HEADER User-Agent \"nobody\"", 0),
      imap_benchmark("imap-search-text", fmt::format("SEARCH TEXT \"{}\"", kRareWord), 0),
      imap_benchmark("imap-search-text-indexed", fmt::format("SEARCH TEXT \"{}\"", kRareWord), 0, kIndexed),
      {"imap-store-all", "message", "STORE 1:* +FLAGS (\\Draft), -FLAGS", store_all},
      {"imap-store-one", "command", "STORE 1 +FLAGS (\\Deleted), -FLAGS", store_one},
      {"imap-append", "message", "APPEND INBOX {…+}", append},
      {"imap-login", "session", "LOGIN, SELECT, LOGOUT; the password is remembered", imap_login},
      {"lmtp-message", "message", "MAIL, RCPT, DATA", lmtp},
      {"pop3-retr", "message", "RETR", pop3},
  };
}

}  // namespace bench
