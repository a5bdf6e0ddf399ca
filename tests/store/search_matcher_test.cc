#include <catch2/catch.hpp>

#include "base/time.h"
#include "search_message.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

const std::string kMail = crlf(R"(From: "Joe Q. Public" <joe@example.org>
To: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>,
	Second Person <sec@example.net>
Cc: undisclosed: one@h, two@h;
Subject: a folded
	subject =?iso-8859-1?Q?Gr=FC=DFe?=  with  gaps
Date: Wed, 17 Jul 1996 23:30:00 -0700
X-Multi: one
X-Multi: two
X-Empty:
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

preamble-word
--b
Content-Type: text/plain; charset=utf-8
Content-Description: part-header

Body line One
line two
--b
Content-Type: multipart/alternative; boundary=inner-boundary

--inner-boundary
Content-Type: text/html

<p class="html-tag">visible</p>
--inner-boundary--
--b
Content-Type: application/octet-stream; name=attached-name.bin

attached-text
--b
Content-Type: message/rfc822
Content-Description: around-nested

From: nested-from@example.net
Subject: =?utf-8?Q?nested=20subject?=

nested-body
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; bounced@example.org
--b--
epilogue-word
)");

std::int64_t day(int year, unsigned month, unsigned number) { return base::days_from_civil(year, month, number); }

TEST_CASE("criteria with text") {
  struct Case {
    Kind kind;
    std::string text;
    bool matches;
  };
  const Case cases[] = {
      {Kind::from, "joe q. public", true},
      {Kind::from, "JOE@EXAMPLE", true},
      {Kind::from, "sec@example.net", false},
      {Kind::from, "joe q. public <joe@example.org>", true},  // as mail programs show it
      {Kind::from, "\"Joe Q. Public\" <joe@example.org>", true},
      {Kind::from, "public joe@", false},
      {Kind::to, "jürgen", true},
      {Kind::to, "JÜRGEN <j@", true},
      {Kind::to, "j@example.org>, Second Person", true},  // over a fold
      {Kind::cc, "undisclosed", true},
      {Kind::cc, "two@h", true},
      {Kind::bcc, "", false},
      {Kind::subject, "folded subject grüße", true},  // the tab of a fold is a space
      {Kind::subject, "folded\tsubject", true},
      {Kind::subject, "grüße with gaps", true},  // runs of white space are one space, here and there
      {Kind::subject, "with  gaps", true},
      {Kind::subject, "withgaps", false},
      {Kind::subject, "GRÜSSE", true},  // ß folds to ss
      {Kind::subject, "=?iso-8859-1", false},
      {Kind::subject, "", true},
      {Kind::body, "BODY LINE one", true},
      {Kind::body, "one\r\nline", true},
      {Kind::body, "one line two", false},
      {Kind::body, "html-tag", true},
      {Kind::body, "nested-body", true},
      {Kind::body, "bounced@example.org", true},
      {Kind::body, "attached-text", false},
      {Kind::body, "part-header", false},
      {Kind::body, "nested-from", false},
      {Kind::body, "preamble-word", false},
      {Kind::body, "epilogue-word", false},
      {Kind::body, "joe", false},
      {Kind::body, "", true},
      {Kind::text, "x-multi: TWO", true},
      {Kind::text, "grüße", true},
      {Kind::text, "part-header", true},
      {Kind::text, "inner-boundary", true},
      {Kind::text, "attached-name.bin", true},
      {Kind::text, "around-nested", true},
      {Kind::text, "nested-from", true},
      {Kind::text, "nested subject", true},
      {Kind::text, "line two", true},
      {Kind::text, "folded  subject", true},
      {Kind::text, "with gaps", true},
      {Kind::text, "Line  One", false},  // in bodies white space means itself
      {Kind::text, "attached-text", false},
      {Kind::text, "preamble-word", false},
      {Kind::text, "one\ntwo", false},
      {Kind::text, "", true},
  };
  for (const Case& each : cases) {
    INFO(static_cast<int>(each.kind) << ' ' << each.text);
    CHECK(matches(text_key(each.kind, each.text), kMail) == each.matches);
    CHECK(matches(group(Kind::none_of, {text_key(each.kind, each.text)}), kMail) != each.matches);
  }
}

TEST_CASE("text in double spaces of a body") {
  const std::string mail = "Subject: a  b\r\n\r\nc  d\r\n";
  CHECK(matches(text_key(Kind::text, "c  d"), mail));
  CHECK_FALSE(matches(text_key(Kind::text, "c d"), mail));
  CHECK(matches(text_key(Kind::text, "a b"), mail));
  CHECK(matches(text_key(Kind::text, "a  b"), mail));
}

TEST_CASE("what TEXT finds in a header is not in the body") {
  const std::string mail = "Subject: word\r\n\r\nother\r\n";
  const SearchKey text = text_key(Kind::text, "word");
  const SearchKey body = text_key(Kind::body, "word");
  CHECK_FALSE(matches(group(Kind::all_of, {text, body}), mail));
  CHECK_FALSE(matches(group(Kind::all_of, {body, text}), mail));
  CHECK(matches(group(Kind::all_of, {text, group(Kind::none_of, {body})}), mail));
}

TEST_CASE("names in address fields are found however they are quoted") {
  const std::string mail =
      "From: \"Escaped \\\"quote\\\"\" <x@y>\r\nTo: Plain Name <p@y>, =?utf-8?Q?=22J=C3=B6rg=22?= <j@y>\r\n\r\n";
  for (const std::string text : {"escaped \"quote\" <x@y>", "escaped quote <x@", "\"escaped \\\"quote\\\"\" <x@y>"}) {
    INFO(text);
    CHECK(matches(text_key(Kind::from, text), mail));
    CHECK(matches(header_key("from", text), mail));
  }
  CHECK(matches(text_key(Kind::to, "\"Plain Name\" <p@y>"), mail));
  CHECK(matches(text_key(Kind::to, "JÖRG <j@y>"), mail));
  CHECK_FALSE(matches(header_key("X-Other", "say hi"), "X-Other: say \"hi\"\r\n\r\n"));  // not a list of addresses
}

TEST_CASE("a matcher lives on when its key is gone") {
  const auto compile = [] {
    SearchKey uids;
    uids.kind = Kind::uids;
    for (Uid uid = 1; uid < 100; uid += 2) uids.uids.add(uid);
    const SearchKey key = group(
        Kind::all_of, {uids, header_key("X-Long-Name-Of-A-Field", "a text that no short string buffer holds"),
                       group(Kind::none_of, {text_key(Kind::body, "another text that no short string buffer holds")})});
    return SearchMatcher::compile(key, {"keyword"}).value();
  };
  SearchMatcher matcher = compile();
  SearchRow row;
  row.uid = 98;
  CHECK(matcher.match(row) == Match::no);
  row.uid = 97;
  REQUIRE(matcher.match(row) == Match::unknown);
  MemorySource source("X-Long-Name-Of-A-Field: a text that no short string buffer holds\r\n\r\nbody");
  CHECK(matcher.decide(source).value());
}

TEST_CASE("HEADER looks at every occurrence of a field") {
  CHECK(matches(header_key("x-multi", "ONE"), kMail));
  CHECK(matches(header_key("X-MULTI", "two"), kMail));
  CHECK_FALSE(matches(header_key("X-Multi", "one two"), kMail));
  CHECK_FALSE(matches(header_key("X-Multi", "X-Multi"), kMail));
  CHECK(matches(header_key("X-Empty", ""), kMail));
  CHECK_FALSE(matches(header_key("X-Empty", "x"), kMail));
  CHECK_FALSE(matches(header_key("X-None", ""), kMail));
  CHECK_FALSE(matches(header_key("", ""), kMail));
  CHECK_FALSE(matches(header_key("Content-Description", ""), kMail));  // of a part, not of the message
}

TEST_CASE("the Date: field counts as written, without time and zone") {
  CHECK(matches(number_key(Kind::sent_on, day(1996, 7, 17)), kMail));
  CHECK_FALSE(matches(number_key(Kind::sent_on, day(1996, 7, 18)), kMail));
  CHECK(matches(number_key(Kind::sent_before, day(1996, 7, 18)), kMail));
  CHECK_FALSE(matches(number_key(Kind::sent_before, day(1996, 7, 17)), kMail));
  CHECK(matches(number_key(Kind::sent_since, day(1996, 7, 17)), kMail));
  CHECK_FALSE(matches(number_key(Kind::sent_since, day(1996, 7, 18)), kMail));
  const std::string before_1970 = "Date: 1 Jan 1960 00:10:00 +0200\r\n\r\n";
  CHECK(matches(number_key(Kind::sent_on, day(1960, 1, 1)), before_1970));
  CHECK(matches(number_key(Kind::sent_before, day(1969, 12, 31)), before_1970));
  for (const std::string without : {"Date: some day\r\n\r\n", "Subject: x\r\n\r\n"}) {
    for (const Kind kind : {Kind::sent_before, Kind::sent_on, Kind::sent_since}) {
      CHECK_FALSE(matches(number_key(kind, day(1970, 1, 1)), without));
    }
  }
}

TEST_CASE("criteria that the narrow row answers") {
  SearchRow row;
  row.uid = 7;
  row.flags = Flag::seen | Flag::draft;
  row.keywords = 0b100;
  row.modseq = 50;
  row.size = 1000;
  row.internal_date = {day(2003, 2, 1) * 86'400 + 23 * 3600, 120};  // the 2nd where it was written
  const KeywordNames names = {"$Junk", "", "$Forwarded"};
  const auto flag = [](Flags flags) {
    SearchKey key;
    key.kind = Kind::flag;
    key.flags = flags;
    return key;
  };
  SearchKey uids;
  uids.kind = Kind::uids;
  uids.uids = UidSet::of(5, 7);
  const std::pair<SearchKey, bool> cases[] = {
      {{}, true},
      {uids, true},
      {flag(Flag::seen), true},
      {flag(Flag::seen | Flag::draft), true},
      {flag(Flag::deleted), false},
      {flag(Flag::seen | Flag::deleted), false},
      {text_key(Kind::keyword, "$forwarded"), true},
      {text_key(Kind::keyword, "$Junk"), false},
      {text_key(Kind::keyword, "$Unknown"), false},
      {text_key(Kind::keyword, ""), false},
      {number_key(Kind::larger, 999), true},
      {number_key(Kind::larger, 1000), false},
      {number_key(Kind::smaller, 1001), true},
      {number_key(Kind::smaller, 1000), false},
      {number_key(Kind::modseq, 50), true},
      {number_key(Kind::modseq, 51), false},
      {number_key(Kind::on, day(2003, 2, 2)), true},
      {number_key(Kind::on, day(2003, 2, 1)), false},
      {number_key(Kind::before, day(2003, 2, 2)), false},
      {number_key(Kind::before, day(2003, 2, 3)), true},
      {number_key(Kind::since, day(2003, 2, 2)), true},
      {number_key(Kind::since, day(2003, 2, 3)), false},
      {group(Kind::all_of, {}), true},
      {group(Kind::any_of, {}), false},
      {group(Kind::none_of, {}), true},
  };
  std::size_t index = 0;
  for (const auto& [key, expected] : cases) {
    INFO(index++);
    auto matcher = SearchMatcher::compile(key, names).value();
    CHECK(matcher.match(row) == (expected ? Match::yes : Match::no));
  }
}

TEST_CASE("nothing dear is read when something cheap decides") {
  SearchRow row;
  row.size = 10;
  const SearchKey small = number_key(Kind::smaller, 100);
  const SearchKey large = number_key(Kind::larger, 100);
  const SearchKey body = text_key(Kind::body, "nested-body");
  const auto by_row = [&row](const SearchKey& key) { return SearchMatcher::compile(key, {}).value().match(row); };
  CHECK(by_row(group(Kind::all_of, {body, large})) == Match::no);
  CHECK(by_row(group(Kind::any_of, {body, small})) == Match::yes);
  CHECK(by_row(group(Kind::none_of, {body, small})) == Match::no);
  CHECK(by_row(group(Kind::all_of, {body, small})) == Match::unknown);

  const auto reads = [&row](const SearchKey& key, bool expected) {
    auto matcher = SearchMatcher::compile(key, {}).value();
    REQUIRE(matcher.match(row) == Match::unknown);
    MemorySource source(kMail);
    CHECK(matcher.decide(source).value() == expected);
    return source.bytes_read;
  };
  const SearchKey subject = text_key(Kind::subject, "folded");
  const SearchKey nothing = text_key(Kind::subject, "not there");
  CHECK(reads(subject, true) == 0);
  CHECK(reads(group(Kind::any_of, {body, subject}), true) == 0);
  CHECK(reads(group(Kind::all_of, {body, nothing}), false) == 0);
  // The body matters only to an alternative that is lost already.
  CHECK(reads(group(Kind::any_of, {group(Kind::all_of, {body, large}), nothing}), false) == 0);
  CHECK(reads(group(Kind::all_of, {text_key(Kind::from, "joe"), subject}), true) < kMail.size() / 2);
}

TEST_CASE("a matcher forgets the message before") {
  const SearchKey key = group(Kind::any_of, {text_key(Kind::body, "here"), text_key(Kind::from, "me@")});
  auto matcher = SearchMatcher::compile(key, {}).value();
  const std::pair<std::string, bool> messages[] = {{"From: me@h\r\n\r\nx", true},
                                                   {"From: you@h\r\n\r\nhere", true},
                                                   {"From: you@h\r\n\r\nhe", false},
                                                   {"Subject: x\r\n\r\nre", false}};
  for (const auto& [message, expected] : messages) {
    MemorySource source(message);
    REQUIRE(matcher.match({}) == Match::unknown);
    CHECK(matcher.decide(source).value() == expected);
  }
}

TEST_CASE("a tree as deep as it may be, and one that is deeper") {
  const auto nested = [](std::size_t levels) {
    SearchKey key = text_key(Kind::subject, "folded");
    for (std::size_t i = 1; i < levels; ++i) {
      std::vector<SearchKey> keys;
      keys.push_back(std::move(key));
      key = group(Kind::none_of, std::move(keys));
    }
    return key;
  };
  CHECK(matches(nested(SearchMatcher::kDeepest - 1), kMail));
  CHECK_FALSE(matches(nested(SearchMatcher::kDeepest), kMail));
  const auto refused = SearchMatcher::compile(nested(SearchMatcher::kDeepest + 1), {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_argument);
}

}  // namespace
}  // namespace postfach
