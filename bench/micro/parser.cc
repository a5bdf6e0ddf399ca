// What comes in: commands of IMAP, messages.
#include <array>
#include <string>
#include <string_view>

#include "benchmark.h"
#include "imap/command/append.h"
#include "imap/command/fetch.h"
#include "imap/command/head.h"
#include "imap/command/search.h"
#include "imap/command/store.h"
#include "imap/wire/framer.h"
#include "imap/wire/limits.h"
#include "message/parser.h"

namespace bench {
namespace {

using postfach::imap::Framer;
using postfach::imap::Scanner;

constexpr std::uint64_t kTimes = 1000;

// What mail programs send most, in the order of a synchronisation.
constexpr std::array<std::string_view, 6> kCommands = {
    "a17 UID FETCH 1:* (FLAGS)\r\n",
    "a18 UID FETCH 4711:4760 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID "
    "Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])\r\n",
    "a19 UID FETCH 4711 (UID RFC822.SIZE BODY.PEEK[])\r\n",
    "a20 UID STORE 4711,4715:4718 +FLAGS.SILENT (\\Seen $Forwarded)\r\n",
    "a21 UID SEARCH RETURN (MIN MAX COUNT) UNDELETED SINCE 1-Feb-2026 OR FROM \"anna\" SUBJECT \"contract\"\r\n",
    "a22 NOOP\r\n"};

Round framing() {
  return [](Meter& meter) {
    Framer framer(postfach::imap::kLimitsAfterLogin);
    std::uint64_t done = 0;
    meter.start();
    for (std::uint64_t i = 0; i < kTimes; ++i) {
      std::string_view octets = kCommands[i % kCommands.size()];
      done += framer.feed(octets) == Framer::Event::command ? 1U : 0U;
    }
    meter.stop();
    need(done == kTimes, "the framer missed a command");
    return done;
  };
}

// parse is handed a scanner behind the command's name, and says whether it went well.
template <class Parse>
Benchmark command(std::string name, std::string text, Parse parse) {
  return {"parse-" + name, "command", text.substr(text.find(' ') + 1), [text, parse](World&) -> Round {
            return [text, parse](Meter& meter) {
              std::uint64_t done = 0;
              meter.start();
              for (std::uint64_t i = 0; i < kTimes; ++i) {
                Scanner in(text);
                const auto head = postfach::imap::parse_head(in);
                done += head && parse(in) ? 1U : 0U;
              }
              meter.stop();
              need(done == kTimes, "the command could not be parsed");
              return done;
            };
          }};
}

Benchmark message(std::string name, std::string about, std::string (*make)(std::size_t)) {
  return {"mime-" + name, "message", about, [make](World&) -> Round {
            return [make](Meter& meter) {
              constexpr std::uint64_t kMessages = 100;
              for (std::uint64_t i = 0; i < kMessages; ++i) {
                const std::string octets = make(i);
                meter.start();
                const postfach::message::Parsed parsed = postfach::message::parse(octets);
                meter.stop();
                need(parsed.size == octets.size(), "the message was not parsed");
              }
              return kMessages;
            };
          }};
}

}  // namespace

std::vector<Benchmark> parser_benchmarks() {
  const auto fetch = [](Scanner& in) { return postfach::imap::parse_fetch(in).has_value(); };
  const auto store = [](Scanner& in) { return postfach::imap::parse_store(in).has_value(); };
  const auto search = [](Scanner& in) { return postfach::imap::parse_search(in).has_value(); };
  return {{"frame", "command", "octets to complete commands", [](World&) { return framing(); }},
          command("fetch-flags", "a17 UID FETCH 1:* (FLAGS)", fetch),
          command("fetch-fields",
                  "a18 UID FETCH 4711:4760 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date "
                  "Message-ID References)])",
                  fetch),
          command("store", "a20 UID STORE 4711,4715:4718 +FLAGS.SILENT (\\Seen $Forwarded)", store),
          command("search", "a21 UID SEARCH UNDELETED SINCE 1-Feb-2026 OR FROM \"anna\" SUBJECT \"contract\"", search),
          message("plain", "a text of 4 KiB", plain_message),
          message("multipart", "alternative and related, 10 KiB", multipart_message),
          message("attachment", "300 KiB of base64", attachment_message)};
}

}  // namespace bench
