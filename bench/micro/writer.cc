// What goes out: FETCH responses, and the tokens they are made of.
#include <string>

#include "benchmark.h"
#include "imap/command/fetch.h"
#include "imap/response/fetch_items.h"
#include "imap/wire/writer.h"
#include "message/parser.h"

namespace bench {
namespace {

using postfach::Flag;
using postfach::imap::FetchItems;
using postfach::imap::FetchResponse;

constexpr std::uint32_t kTimes = 1000;

Round response(const FetchItems& items) {
  return [items, parsed = postfach::message::parse(multipart_message(1)),
          keywords = postfach::KeywordNames{"$Forwarded", "work"}](Meter& meter) {
    const postfach::MessageView message{.uid = 4711,
                                        .flags = Flag::seen | Flag::answered,
                                        .keywords = 3,
                                        .keyword_names = &keywords,
                                        .modseq = 123456,
                                        .internal_date = {},
                                        .size = parsed.size,
                                        .envelope = parsed.envelope,
                                        .body_structure = parsed.body_structure,
                                        .sections = parsed.sections,
                                        .uidl = {},
                                        .saved = {},
                                        .preview = {},
                                        .email_id = {},
                                        .thread_id = {}};
    std::string out;
    meter.start();
    for (std::uint32_t i = 1; i <= kTimes; ++i) {
      out.clear();  // as the session does for each turn: memory that is there is used again
      FetchResponse response(out, i);
      response.row(items, message, false);
      response.end();
      keep(out);
    }
    meter.stop();
    need(out.ends_with(")\r\n"), "a response has no end");
    return std::uint64_t{kTimes};
  };
}

// What writes a token, a thousand times.
template <class Write>
Benchmark token(std::string name, std::string about, Write write) {
  return {std::move(name), "token", std::move(about), [write](World&) -> Round {
            return [write](Meter& meter) {
              std::string out;
              meter.start();
              for (std::uint32_t i = 0; i < kTimes; ++i) {
                out.clear();
                write(out);
                keep(out);
              }
              meter.stop();
              return std::uint64_t{kTimes};
            };
          }};
}

}  // namespace

std::vector<Benchmark> writer_benchmarks() {
  const FetchItems flags{.uid = true, .flags = true};
  const FetchItems everything{
      .uid = true, .flags = true, .internal_date = true, .size = true, .envelope = true, .body_structure = true};
  FetchItems body = flags;
  body.envelope = body.body = true;
  return {{"response-flags", "response", "FETCH (UID FLAGS)", [flags](World&) { return response(flags); }},
          {"response-all", "response", "FETCH (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
           [everything](World&) { return response(everything); }},
          {"response-body", "response", "FETCH (UID FLAGS ENVELOPE BODY): BODY is derived",
           [body](World&) { return response(body); }},
          token("write-quoted", "a quoted string",
                [](std::string& out) { postfach::imap::append_string(out, "Re: the contract for the garden"); }),
          token("write-mailbox", "a mailbox name in modified UTF-7",
                [](std::string& out) { postfach::imap::append_mailbox(out, "Archiv/Entwürfe/日本語"); })};
}

}  // namespace bench
