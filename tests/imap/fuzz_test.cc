// Seeded mutations of real commands through framer and parsers: nothing may crash, memory stays bounded, and
// the events do not depend on how the octets were cut.
#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "imap/command/append.h"
#include "imap/command/authenticate.h"
#include "imap/command/cancel_update.h"
#include "imap/command/comparator.h"
#include "imap/command/copy.h"
#include "imap/command/enable.h"
#include "imap/command/fetch.h"
#include "imap/command/head.h"
#include "imap/command/id.h"
#include "imap/command/imap_url.h"
#include "imap/command/list.h"
#include "imap/command/login.h"
#include "imap/command/mailbox.h"
#include "imap/command/search.h"
#include "imap/command/select.h"
#include "imap/command/status.h"
#include "imap/command/store.h"
#include "imap/response/fetch_items.h"
#include "imap/wire/framer.h"

namespace {

using namespace postfach::imap;
using Event = Framer::Event;

constexpr auto kCommands = std::to_array<std::string_view>({
    "a1 LOGIN {5}\r\nalice {3+}\r\npwd\r\n",
    "a2 AUTHENTICATE PLAIN AGEAYg==\r\n",
    "a3 LIST (SPECIAL-USE RECURSIVEMATCH) \"\" (\"*\" {2+}\r\na% &APw-) RETURN (SUBSCRIBED STATUS (SIZE "
    "MAILBOXID))\r\n",
    "a4 LSUB \"\" %/&APw-*\r\n",
    "a5 SELECT \"Entw&APw-rfe\"\r\n",
    "a6 CREATE x (USE (\\Sent \\Drafts))\r\n",
    "a7 RENAME a {3+}\r\nb c\r\n",
    "a8 STATUS INBOX (MESSAGES UIDNEXT UNSEEN RECENT SIZE)\r\n",
    "a9 APPEND INBOX (\\Seen $x) \"17-Jul-1996 02:44:25 -0700\" {12}\r\nhello {5}\r\nx\r\n",
    "b1 UID FETCH 1:*,3,7:9 (UID FLAGS BODY.PEEK[HEADER.FIELDS (From \"To\")]<0.100> BODY[1.2.MIME])\r\n",
    "b2 FETCH 1 FULL\r\n",
    "b3 STORE 1:3 +FLAGS.SILENT (\\Deleted x)\r\n",
    "b4 UID SEARCH CHARSET UTF-8 OR OR FROM {2}\r\n\xC3\xA4 NOT (SEEN 1:* UID 7) SINCE 1-Jan-2000 TEXT "
    "\"a\\\"b\"\r\n",
    "b5 COPY 1:4294967295 Trash\r\n",
    "b6 UID EXPUNGE *:5\r\n",
    "b7 ID (\"name\" \"x\" \"os\" NIL)\r\n",
    "b8 ENABLE CONDSTORE X\r\n",
    "b9 NOOP {0+}\r\n\r\n",
    "c1 X {18446744073709551616}\r\n",
    "c5 APPEND x (\\Seen) ~{2}\r\nab {1+}\r\nc CATENATE (URL {3}\r\n/x; TEXT {2}\r\nde URL \"/x/;UID=1\") {1}\r\nf\r\n",
    "c6 UID REPLACE 20 Drafts \"17-Jul-1996 02:44:25 -0700\" CATENATE (URL x)\r\n",
    "c7 REPLACE * {1}\r\nx UTF8 (~{3+}\r\nabc)\r\n",
    "c8 STATUS x (APPENDLIMIT)\r\n",
    "c2 X {99999+}\r\n",
    "c3 DELETE x\n",
    "d1 SELECT x (QRESYNC (67890007 20050715194045000 41,43:211 (5000,7500 15000,22500)) CONDSTORE)\r\n",
    "d2 UID FETCH 1:* (FLAGS MODSEQ) (CHANGEDSINCE 12345 VANISHED)\r\n",
    "d3 STORE 7,5,9 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)\r\n",
    "d4 STATUS x (HIGHESTMODSEQ)\r\n",
    "c4 SEARCH ((((((((((1))))))))) HEADER x \"\" KEYWORD y LARGER 5\r\n",
    "c5 UID FETCH 1:* (BINARY.PEEK[1.2]<5.9> BINARY.SIZE[3] BINARY[] PREVIEW (LAZY) SAVEDATE PREVIEW)\r\n",
    "c6 SEARCH SAVEDATESUPPORTED OR SAVEDON 1-Jan-2015 SAVEDBEFORE 2-Feb-2022\r\n",
});

// Every parser on every text: the first octets decide nothing about which one survives it.
std::size_t parse_all(std::string_view text) {
  std::size_t parsed = 0;
  for (const bool utf8 : {false, true}) {
    Scanner head(text, utf8);
    if (!parse_head(head)) return parsed;
    const auto run = [&](const auto& parser) {
      Scanner in = head;
      const bool ok = static_cast<bool>(parser(in));
      REQUIRE(ok == in.error().empty());
      REQUIRE(in.position() <= text.size());
      parsed += ok;
    };
    run(parse_no_arguments);
    run(parse_login);
    run(parse_authenticate);
    run(parse_select);
    run(parse_create);
    run(parse_mailbox);
    run(parse_rename);
    run(parse_list);
    run(parse_lsub);
    run(parse_status);
    run(parse_append);
    run(parse_replace);
    run(parse_store);
    run(parse_copy);
    run(parse_uid_expunge);
    run(parse_search);
    run(parse_cancel_update);
    run(parse_comparator);
    run(parse_id);
    run(parse_enable);
    run([](Scanner& in) {
      auto fetch = parse_fetch(in);
      if (!fetch) return fetch;
      std::string out;
      for (const BodyItem& item : fetch->items.sections) {
        out.clear();
        append_label(out, item);
        REQUIRE(out.find_first_of("\r\n") == std::string::npos);  // no way out of the response line
        fetch->messages.uids(100);
        fetch->messages.sequence(100);
      }
      return fetch;
    });
  }
  return parsed;
}

// What stands between two literals that are streamed. Whether the next one is wanted.
bool parse_segment(AppendParser& parser, std::string_view text) {
  parser.set_text(text);
  for (std::size_t events = 0;; ++events) {
    REQUIRE(events <= 2 * text.size() + 2);
    switch (parser.next()) {
      case AppendParser::Event::literal:
      case AppendParser::Event::url_literal:
        return true;
      case AppendParser::Event::error:
        REQUIRE_FALSE(parser.error().empty());
        return false;
      case AppendParser::Event::end:
        return false;
      case AppendParser::Event::url:
        (void)parse_imap_url(parser.url());
        break;
      case AppendParser::Event::message:
      case AppendParser::Event::message_end:
        break;
    }
  }
}

constexpr AppendParser::Syntax kSyntax{.multiappend = true, .catenate = true, .binary = true, .utf8 = true};

struct Outcome {
  std::string log;
  std::size_t memory = 0;
  std::size_t parsed = 0;
};

Outcome run(std::string_view octets, std::mt19937* cuts) {
  Outcome outcome;
  Framer framer(kLimitsBeforeLogin);
  std::optional<AppendParser> append;  // whose literals are streamed
  while (!octets.empty()) {
    const std::size_t size = cuts ? 1 + (*cuts)() % 30 : octets.size();
    std::string_view piece = octets.substr(0, size);
    octets.remove_prefix(piece.size());
    for (Event event = Event::command; event != Event::more;) {
      event = framer.feed(piece);
      outcome.memory = std::max(outcome.memory, framer.memory());
      switch (event) {
        case Event::more:
          break;
        case Event::piece:
          outcome.log += framer.piece();
          continue;
        case Event::literal:
          if (append) {
            if (parse_segment(*append, framer.text())) {
              framer.stream();
            } else {
              append.reset();
              framer.refuse();
            }
          } else if (literal_use(framer.text()) == LiteralUse::streamed) {
            Scanner in(framer.text());
            const auto head = parse_head(in);
            const bool parsed =
                head && (head->name == "APPEND" ? parse_append(in).has_value() : parse_replace(in).has_value());
            if (parsed && parse_segment(append.emplace(kSyntax), in.rest())) {
              framer.stream();
            } else {
              append.reset();
            }
          } else if (framer.literal().fits) {
            framer.take();
          } else {
            framer.refuse();
          }
          break;
        case Event::error:
          append.reset();
          break;
        case Event::command:
          if (append) {
            (void)parse_segment(*append, framer.text());
            append.reset();
            break;
          }
          outcome.parsed += parse_all(framer.text());
          break;
        default:
          break;
      }
      if (event == Event::more) break;
      outcome.log += static_cast<char>('0' + static_cast<int>(event));
      outcome.log += framer.text();
    }
  }
  return outcome;
}

}  // namespace

TEST_CASE("fuzz: mutated commands") {
  std::mt19937 random(20240229);
  constexpr std::string_view kTokens = "(){}\"\\ *%[]<>+-.~\r\n\0:,019azZ&\xC3\xFF";
  std::size_t parsed = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string octets;
    for (std::size_t n = 1 + random() % 4; n > 0; --n) octets += kCommands[random() % kCommands.size()];
    for (std::size_t n = random() % 6; n > 0; --n) {
      const std::size_t at = random() % octets.size();
      switch (random() % 5) {
        case 0:
          octets[at] = kTokens[random() % kTokens.size()];
          break;
        case 1:
          octets.insert(at, 1 + random() % 3, kTokens[random() % kTokens.size()]);
          break;
        case 2:
          octets.erase(at, random() % 5);
          break;
        case 3:
          octets.insert(at, octets.substr(random() % octets.size(), random() % 20));
          break;
        default:
          octets.insert(at, random() % 40 == 0 ? 9000 : 3, kTokens[random() % kTokens.size()]);
          break;
      }
      if (octets.empty()) octets = "\n";
    }
    const Outcome whole = run(octets, nullptr);
    const Outcome pieces = run(octets, &random);
    REQUIRE(pieces.log == whole.log);
    REQUIRE(whole.memory <= 2 * (kLimitsBeforeLogin.line + kLimitsBeforeLogin.literals_total) + 64);
    parsed += whole.parsed;
  }
  CHECK(parsed > 5000);  // most mutations leave some command intact
}
