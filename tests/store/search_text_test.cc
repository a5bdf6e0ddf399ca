#include <catch2/catch.hpp>

#include <algorithm>

#include "base/utf8.h"
#include "search_message.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

std::string mail(const std::string& charset, const std::string& encoding, const std::string& body) {
  std::string type = "Content-Type: text/plain";
  if (!charset.empty()) type += "; charset=" + charset;
  return "Subject: x\r\n" + type + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body;
}

TEST_CASE("encoded words and raw octets in headers") {
  struct Case {
    std::string subject;
    std::string text;
    bool matches;
  };
  const Case cases[] = {
      {"=?utf-8?B?R3LDvMOfZQ==?=", "grüße", true},
      {"=?utf-8?B?R3LDvA==?= =?utf-8?B?w59l?=", "GRÜSSE", true},
      {"=?utf-8?B?R3LDvA==?=\r\n =?utf-8?B?w59l?=", "grüße", true},
      {"=?koi8-r?B?7NHQydPYzQ==?=", "ЛЯПИСЬМ", true},
      {"=?iso-2022-jp?B?GyRCNEE7ehsoQg==?=", "漢字", true},
      {"=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "привет", true},
      {"=?unknown-charset?Q?abc?=", "=?unknown-charset?Q?abc", true},
      {"Gr\xC3\xBC\xC3\x9F", "grüß", true},
      {"Gr\xFC\xDF", "grüß", true},
      {"Grüße", "grue", false},
      {"e\xCC\x81tude", "étude", true},  // decomposed and precomposed
      {"ＦＵＬＬ width", "full WIDTH", true},
      {"plain", "plan", false},
  };
  for (const Case& each : cases) {
    INFO(each.subject);
    const std::string message = "Subject: " + each.subject + "\r\n\r\nbody\r\n";
    CHECK(matches(text_key(Kind::subject, each.text), message) == each.matches);
    CHECK(matches(header_key("Subject", each.text), message) == each.matches);
    CHECK(matches(text_key(Kind::text, each.text), message) == each.matches);
    CHECK_FALSE(matches(text_key(Kind::body, each.text), message));
  }
}

TEST_CASE("bodies in transfer encodings and charsets") {
  struct Case {
    std::string charset;
    std::string text;
    std::string needle;
  };
  const Case cases[] = {
      {"utf-8", "Die Straße nach Köln", "STRASSE NACH KÖLN"},
      {"iso-8859-1", "Die Straße nach Köln", "straße"},
      {"iso-8859-15", "zehn € für Öl", "€ für öl"},
      {"windows-1252", "zehn € für Öl", "€ FÜR"},
      {"koi8-r", "Привет, мир", "привет, МИР"},
      {"shift_jis", "これは漢字です", "漢字"},
      {"euc-jp", "これは漢字です", "漢字"},
      {"iso-2022-jp", "これは漢字です", "漢字"},
      {"gb18030", "这是中文", "中文"},
      {"utf-16le", "Grüße aus Bonn", "grüße AUS"},
      {"utf-7", "Grüße aus Bonn", "grüße AUS"},
  };
  for (const Case& each : cases) {
    INFO(each.charset);
    const std::string octets = encode(each.text, each.charset);
    const SearchKey found = text_key(Kind::body, each.needle);
    const SearchKey missing = text_key(Kind::body, each.needle + "x");
    for (const auto& [encoding, body] : {std::pair<std::string, std::string>{"base64", base64_lines(octets)},
                                         {"quoted-printable", quoted_printable(octets)},
                                         {"8bit", octets}}) {
      INFO(encoding);
      CHECK(matches(found, mail(each.charset, encoding, body)));
      CHECK_FALSE(matches(missing, mail(each.charset, encoding, body)));
    }
  }
  CHECK(matches(text_key(Kind::body, "straße"), mail("", "8bit", "Die Straße")));
  CHECK(matches(text_key(Kind::body, "straße"), mail("", "8bit",
                                                     "Die Stra\xDF"
                                                     "e")));
  CHECK(matches(text_key(Kind::body, "straße"), mail("no-such-charset", "8bit", "Die Straße")));
  CHECK_FALSE(matches(text_key(Kind::body, "U3RyYX"), mail("", "base64", "U3RyYXNzZQ==")));
  CHECK(matches(text_key(Kind::body, "soft break"), mail("", "quoted-printable", "a soft=\r\n break")));
  CHECK_FALSE(matches(text_key(Kind::body, "behind"), mail("", "base64", "YQ==\r\nYmVoaW5k\r\n")));
}

// The places in a body of several windows where a match straddles the edge of one.
TEST_CASE("a match across the edge of a window is found") {
  struct Case {
    std::string charset;
    std::string encoding;
    std::string filler;  // of one line
    std::string needle;
  };
  const Case cases[] = {
      {"us-ascii", "7bit", "lorem ipsum dolor sit amet\r\n", "the Needle"},
      {"utf-8", "8bit", "lorem ipsum dolor sit\r\n", "Straßenbahn"},
      {"utf-8", "8bit", "äöüÄÖÜ", "Straßenbahn"},
      {"utf-8", "quoted-printable", "lörem ipsum\r\n", "Straßenbahn"},
      {"utf-8", "base64", "lörem ipsum\r\n", "Straßenbahn"},
      {"utf-8", "8bit", "漢字漢字", "a\xCC\x81\xCC\xA3z"},  // marks in the order that folding does not keep
      {"", "8bit", "lörem ipsum\r\n", "Straßenbahn"},
      {"iso-2022-jp", "7bit", "これは文です\r\n", "漢字"},
      {"iso-2022-jp", "base64", "これは文です", "漢字"},
      {"utf-16be", "base64", "これは文です", "漢字"},
      {"gb18030", "quoted-printable", "这是文", "中文"},
  };
  for (const Case& each : cases) {
    INFO(each.charset << ' ' << each.encoding << ' ' << each.filler);
    const auto encoded = [&each](const std::string& text) {
      const std::string octets = each.charset.empty() ? text : encode(text, each.charset);
      if (each.encoding == "base64") return base64_lines(octets);
      return each.encoding == "quoted-printable" ? quoted_printable(octets) : octets;
    };
    // Enough that the needle comes near the first edge once it is encoded; what is put before it moves it over.
    std::string lead;
    for (int i = 0; i < 100; ++i) lead += each.filler;
    for (const std::size_t size = encoded(lead).size(), had = lead.size();
         lead.size() / had * size < store::kSearchWindow;) {
      lead += lead.substr(0, had);
    }
    while (encoded(lead).size() + 30 > store::kSearchWindow) lead.resize(lead.size() - each.filler.size());
    for (std::size_t shift = 0; shift <= 48; ++shift) {
      std::string text = lead + std::string(shift, '.') + each.needle;
      for (int i = 0; i < 40; ++i) text += each.filler;
      // Spaces in front move the edge through a group of base64 digits.
      const std::string body = (each.encoding == "base64" ? std::string(shift % 4, ' ') : "") + encoded(text);
      REQUIRE(body.size() > store::kSearchWindow);
      INFO(shift);
      const std::string message = mail(each.charset, each.encoding, body);
      auto matcher = SearchMatcher::compile(text_key(Kind::body, base::fold(each.needle)), {}).value();
      REQUIRE(matcher.match({}) == Match::unknown);
      MemorySource source(message);
      CHECK(matcher.decide(source).value());
      CHECK(source.largest_read <= store::kSearchWindow);
      if (shift % 8 == 0) CHECK_FALSE(matches(text_key(Kind::body, each.needle + "?"), message));
    }
  }
}

TEST_CASE("one line that fills many windows") {
  const std::string spaces(200'000, ' ');
  const std::string equals(200'000, '=');
  const std::string escapes = [] {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "=C3=BC";
    return text;
  }();
  for (const std::string& filler : {spaces, equals, escapes}) {
    const std::string message = mail("utf-8", "quoted-printable", filler + "needle\r\n");
    CHECK(matches(text_key(Kind::body, "NEEDLE"), message));
    CHECK_FALSE(matches(text_key(Kind::body, "needles"), message));
  }
  CHECK(matches(text_key(Kind::body, "üüneedle"), mail("utf-8", "quoted-printable", escapes + "needle\r\n")));
  for (std::size_t lead = 0; lead < 6; ++lead) {  // no escape is cut in two, wherever the edge falls
    INFO(lead);
    const std::string message = mail("utf-8", "quoted-printable", std::string(lead, 'x') + escapes);
    CHECK_FALSE(matches(text_key(Kind::body, "="), message));
    CHECK_FALSE(matches(text_key(Kind::body, "c"), message));
  }
}

TEST_CASE("a needle longer than a window") {
  std::string needle;
  for (int i = 0; i < 20'000; ++i) needle += "word" + std::to_string(i);
  REQUIRE(needle.size() > 2 * store::kSearchWindow);
  const std::string body = std::string(70'000, 'w') + needle + std::string(70'000, 'x');
  CHECK(matches(text_key(Kind::body, needle), mail("", "8bit", body)));
  CHECK_FALSE(matches(text_key(Kind::body, needle + "y"), mail("", "8bit", body)));
}

TEST_CASE("several needles are found in one pass") {
  const std::string body = "first" + std::string(100'000, '.') + "second" + std::string(100'000, '.') + "third";
  const SearchKey all = group(
      Kind::all_of, {text_key(Kind::body, "THIRD"), text_key(Kind::body, "first"), text_key(Kind::text, "second")});
  auto matcher = SearchMatcher::compile(all, {}).value();
  REQUIRE(matcher.match({}) == Match::unknown);
  MemorySource source(mail("", "8bit", body));
  CHECK(matcher.decide(source).value());
  CHECK(source.bytes_read < body.size() + 1000);
}

TEST_CASE("TEXT finds what is in a header without being a field") {
  const std::string message = crlf(R"(Subject: s
a line that =?utf-8?q?is_k=C3=A4se?=
 folded
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: application/zip
UEsDBBQAAAAI

--b--
)");
  for (const char* text : {"line that is KÄSE folded", "uesdbbq"}) {
    INFO(text);
    CHECK(matches(text_key(Kind::text, text), message));
    CHECK_FALSE(matches(text_key(Kind::body, text), message));
    CHECK_FALSE(matches(header_key("Subject", text), message));
  }
  // A message that is nothing but text, which therefore is all header.
  CHECK(matches(text_key(Kind::text, "just text"), "This is just text.\r\nAnd more: of it\r\n"));
  CHECK(matches(text_key(Kind::text, "of it"), "This is just text.\r\nAnd more: of it\r\n"));
}

TEST_CASE("no match spans two parts or two fields") {
  const std::string message = crlf(R"(Subject: end
X-Next: start
Content-Type: multipart/mixed; boundary=b

--b

left
--b

right
--b--
)");
  CHECK(matches(text_key(Kind::body, "left"), message));
  CHECK(matches(text_key(Kind::body, "right"), message));
  CHECK_FALSE(matches(text_key(Kind::body, "leftright"), message));
  CHECK_FALSE(matches(text_key(Kind::text, "endx-next"), message));
  CHECK_FALSE(matches(text_key(Kind::text, "onetwo"), "line one\r\ntwo lines\r\n"));
}

}  // namespace
}  // namespace postfach
