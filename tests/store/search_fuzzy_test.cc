#include "store/search_fuzzy.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/utf8.h"
#include "search_message.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;
using store::FuzzyNeedle;
using store::FuzzyScan;

unsigned score(std::string_view needle, std::string_view text) {
  FuzzyScan scan;
  scan.entries.push_back({.needle = FuzzyNeedle(needle), .wanted = true});
  scan.begin();
  scan.feed(text);
  scan.finish();
  return scan.entries.front().needle.score();
}
bool finds(std::string_view needle, std::string_view text) { return score(needle, text) > 0; }

SearchKey fuzzy(Kind kind, std::string text) {
  SearchKey key = text_key(kind, std::move(text));
  key.fuzzy = true;
  return key;
}

// 0 if the message does not match.
unsigned score_of(const SearchKey& key, const std::string& message, const SearchRow& row = {}) {
  MemorySource source(message);
  auto matcher = SearchMatcher::compile(key, {}).value();
  CHECK(matcher.has_scores());
  Match match = matcher.match(row);
  if (match == Match::unknown) match = matcher.decide(source).value() ? Match::yes : Match::no;
  return match == Match::yes ? matcher.score() : 0;
}

}  // namespace

TEST_CASE("fuzzy: words in any order, without accents, case and punctuation") {
  CHECK(score("IMAP break", "imap  BREAK") == 100);
  CHECK(finds("IMAP break", "a broken break of IMAP"));
  CHECK(finds("IMAP break", "breakfast with imap4"));
  CHECK_FALSE(finds("IMAP break", "IMAP is broken"));
  CHECK_FALSE(finds("IMAP break", "IMAP"));
  CHECK(finds("ecole francaise", "L'\u00C9cole fran\u00E7aise"));
  CHECK(finds("\u00E9cole", "ecole"));
  CHECK(finds("Strasse", "Stra\u00DFe"));
  CHECK(finds("e-mail", "the e mail"));
  CHECK(finds("e mail", "the e-mail."));
  CHECK(finds("coop\u00ADerate", "cooperate"));
  CHECK(finds("\u6771\u4EAC", "\u65E5\u672C\u6771\u4EAC\u90FD"));  // no spaces between words
  CHECK(finds("istanbul", "\u0130STANBUL"));
}

TEST_CASE("fuzzy: typing errors in longer words") {
  CHECK(finds("Helo", "hello"));
  CHECK(finds("Helo", "help"));
  CHECK(finds("Helo", "ehlo"));
  CHECK_FALSE(finds("Helo", "hotel"));
  CHECK_FALSE(finds("cat", "cut"));  // too short
  CHECK(finds("invoice", "invocie"));
  CHECK_FALSE(finds("invoice", "invisible"));
  CHECK(finds("accommodation", "acomodation"));
  CHECK_FALSE(finds("accommodation", "acomodashion"));
  CHECK_FALSE(finds("2024", "2025"));
  CHECK(finds("\u043F\u0440\u0438\u0432\u0435\u0442", "\u043F\u0440\u0438\u0432\u0438\u0442"));
}

TEST_CASE("fuzzy: the better the match, the higher the score") {
  const unsigned phrase = score("quarterly report", "the quarterly report");
  const unsigned words = score("quarterly report", "report of this quarterly");
  const unsigned longer = score("quarterly report", "reporting quarterlys");
  const unsigned errors = score("quarterly report", "quartrely reprot");
  CHECK(phrase == 100);
  CHECK(phrase > words);
  CHECK(words > longer);
  CHECK(longer > errors);
  CHECK(errors > 0);
  CHECK(score("quarterly", "quaterly") > score("quarterly", "quaterli"));
}

TEST_CASE("fuzzy: a text that comes in pieces") {
  const std::string filler(5000, 'x');
  std::string text;
  for (int i = 0; i < 5; ++i) text += filler + " \u00FCber\u00E4ll gefunden\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, text.size()}) {
    FuzzyScan scan;
    for (const char* needle : {"ueberall", "uberall gefunden", "nirgends", "gefunden xxxx"}) {
      scan.entries.push_back({.needle = FuzzyNeedle(needle), .wanted = true});
    }
    scan.begin();
    for (std::size_t at = 0; at < text.size(); at += piece) scan.feed(std::string_view(text).substr(at, piece));
    scan.finish();
    CHECK(scan.entries[0].needle.score() > 0);
    CHECK(scan.entries[1].needle.score() == 100);
    CHECK(scan.entries[2].needle.score() == 0);
    CHECK(scan.entries[3].needle.score() == 100);
  }
}

TEST_CASE("fuzzy: long words and long needles cost no more than their length") {
  const std::string longer(1'000'000, 'a');
  CHECK(finds(longer, longer));
  CHECK_FALSE(finds("baaaaaab", longer));
  std::string words;
  for (int i = 0; i < 200'000; ++i) words += "abcdefg" + std::to_string(i % 10) + " ";
  CHECK_FALSE(finds("abcdefgh ijklmnop", words));
}

TEST_CASE("fuzzy: everything that an exact search finds") {
  const char* const texts[] = {
      "Re: [list] C++ & Rust!!",
      "Stra\u00DFe 5\u00BD",
      "na\u00EFve caf\u00E9",
      "x-y.z@example.org",
      "\u2116 7 \u2013 \u201Equoted\u201C",
      "\U0001F600 emoji",
      "a\u0301\u0323b",
      "tab\there",
  };
  for (const std::string text : texts) {
    const std::string message = crlf("Subject: " + encode(text, "utf-8") + "\n\n") + "x\r\n";
    const std::string plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n";
    for (std::size_t from = 0; from < text.size(); ++from) {
      for (std::size_t size = 1; from + size <= text.size(); ++size) {
        const std::string part = text.substr(from, size);
        if (!base::is_utf8(part)) continue;
        INFO(text << " / " << part);
        if (matches(text_key(Kind::body, part), plain)) CHECK(matches(fuzzy(Kind::body, part), plain));
        if (matches(text_key(Kind::subject, part), message)) CHECK(matches(fuzzy(Kind::subject, part), message));
        if (matches(text_key(Kind::text, part), plain)) CHECK(matches(fuzzy(Kind::text, part), plain));
      }
    }
  }
}

TEST_CASE("fuzzy: in every field, and scores of trees") {
  const std::string message = crlf(
      "From: \"Dave Cridland\" <dave@example.org>\nTo: Timo\nCc: Alexey\nSubject: The quarterly report\n"
      "X-Note: urgent\n\nPlease find the invoice attached.\n");
  CHECK(score_of(fuzzy(Kind::from, "cridland dave"), message) > 0);
  CHECK(score_of(fuzzy(Kind::to, "timmo"), message) > 0);
  CHECK(score_of(fuzzy(Kind::cc, "alexei"), message) > 0);
  CHECK(score_of(fuzzy(Kind::bcc, "alexei"), message) == 0);
  SearchKey note = fuzzy(Kind::header, "urgend");
  note.name = "x-note";
  CHECK(score_of(note, message) > 0);
  CHECK(score_of(fuzzy(Kind::subject, "quarterly report"), message) == 100);
  CHECK(score_of(fuzzy(Kind::body, "quarterly"), message) == 0);
  // A subject that is nearly it counts more than a body that is (RFC 6203 section 4).
  CHECK(score_of(fuzzy(Kind::text, "quarterly"), message) > score_of(fuzzy(Kind::text, "invoice"), message));
  CHECK(score_of(fuzzy(Kind::text, "report invoice"), message) > 0);

  const unsigned high = score_of(fuzzy(Kind::subject, "quarterly report"), message);
  const unsigned low = score_of(fuzzy(Kind::subject, "quaterly"), message);
  CHECK(high > low);
  CHECK(score_of(group(Kind::all_of, {fuzzy(Kind::subject, "quarterly report"), fuzzy(Kind::subject, "quaterly")}),
                 message) == (high + low) / 2);
  // Without a fuzzy criterion that matched there is nothing to judge by.
  SearchKey seen{.kind = Kind::flag, .flags = Flag::seen};
  CHECK(score_of(group(Kind::any_of, {seen, fuzzy(Kind::subject, "nothing")}), message, {.flags = Flag::seen}) == 1);
  seen.fuzzy = true;
  CHECK(score_of(seen, message, {.flags = Flag::seen}) == 100);
  CHECK(score_of(seen, message) == 0);
  CHECK(score_of(group(Kind::none_of, {fuzzy(Kind::subject, "nothing")}), message) == 1);
  // Punctuation alone is looked for as it is.
  CHECK(score_of(fuzzy(Kind::subject, "!!"), message) == 0);
  CHECK(score_of(fuzzy(Kind::body, "."), message) == 100);
}

TEST_CASE("fuzzy: not only the first message") {
  auto matcher = SearchMatcher::compile(fuzzy(Kind::text, "invoice"), {}).value();
  const auto judge = [&matcher](const std::string& message) {
    MemorySource source(crlf(message));
    CHECK(matcher.match({}) == Match::unknown);
    return matcher.decide(source).value() ? matcher.score() : 0;
  };
  CHECK(judge("Subject: invoice\n\nx\n") == 100);
  CHECK(judge("Subject: x\n\nx\n") == 0);
  CHECK(judge("Subject: invoise\n\nx\n") == 40);
  CHECK(judge("Subject: x\n\ninvoice\n") == 70);
}

}  // namespace postfach
