// The comparators of RFC 4790 and RFC 5051.
#include <catch2/catch.hpp>

#include "search_message.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

bool finds(Comparator comparator, Kind kind, std::string text, const std::string& message) {
  SearchKey key = text_key(kind, std::move(text));
  if (kind == Kind::header) key.name = "X";
  key.comparator = comparator;
  return matches(key, message);
}

}  // namespace

TEST_CASE("comparators: case and accents") {
  const std::string message = crlf(
      "From: J\u00FCrgen <j@example.org>\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= Aus\nX: Abc\n"
      "Content-Type: text/plain; charset=utf-8\n\nGR\u00DC\u00DFE aus K\u00F6ln\n");
  struct Row {
    Kind kind;
    const char* text;
    bool unicode, ascii, octet;
  };
  for (const Row& row :
       {Row{Kind::subject, "Gr\u00FC\u00DFe Aus", true, true, true},
        Row{Kind::subject, "gr\u00FC\u00DFe aUS", true, true, false},
        Row{Kind::subject, "GR\u00DCSSE", true, false, false}, Row{Kind::from, "J\u00FCrgen", true, true, true},
        Row{Kind::from, "j\u00FCRGEN", true, true, false}, Row{Kind::from, "J\u00DCRGEN", true, false, false},
        Row{Kind::header, "aBC", true, true, false}, Row{Kind::body, "K\u00F6ln", true, true, true},
        Row{Kind::body, "k\u00F6LN", true, true, false}, Row{Kind::body, "k\u00D6ln", true, false, false},
        Row{Kind::body, "Ko\u0308ln", true, false, false}, Row{Kind::text, "X: Abc", true, true, true},
        Row{Kind::text, "x: abc", true, true, false}, Row{Kind::text, "gr\u00FC\u00DFe aus k", true, false, false}}) {
    INFO(static_cast<int>(row.kind) << ' ' << row.text);
    CHECK(finds(Comparator::unicode_casemap, row.kind, row.text, message) == row.unicode);
    CHECK(finds(Comparator::ascii_casemap, row.kind, row.text, message) == row.ascii);
    CHECK(finds(Comparator::octet, row.kind, row.text, message) == row.octet);
  }
}

TEST_CASE("comparators: a needle that spans what is read at once") {
  std::string body(65'530, 'x');
  body += "Needle \u00C4 in the hay";
  const std::string message = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + body + "\r\n";
  CHECK(finds(Comparator::octet, Kind::body, "xNeedle \u00C4 in", message));
  CHECK_FALSE(finds(Comparator::octet, Kind::body, "xneedle \u00C4 in", message));
  CHECK(finds(Comparator::ascii_casemap, Kind::body, "xneedle \u00C4 IN", message));
  CHECK_FALSE(finds(Comparator::ascii_casemap, Kind::body, "xneedle \u00E4 in", message));
  CHECK(finds(Comparator::unicode_casemap, Kind::body, "xneedle \u00E4 in", message));
}

}  // namespace postfach
