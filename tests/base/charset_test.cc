#include "base/charset.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/utf8.h"

using namespace postfach::base;

TEST_CASE("charsets of real mail become UTF-8") {
  struct Row {
    std::string_view charset, octets, text;
  };
  const Row rows[] = {
      {"UTF-8",
       "Gr\xC3\xBC\xC3\x9F"
       "e",
       "Grüße"},
      {"utf8",
       "a\xC3"
       "b",
       "a\uFFFDb"},
      {"utf-8", "\xED\xA0\x80|\xC0\xAF|\xF0\x9F\x98", "\uFFFD\uFFFD\uFFFD|\uFFFD\uFFFD|\uFFFD"},
      {"ISO-8859-1", "caf\xE9", "café"},
      {"iso-8859-1", "\x80 \x93q\x94", "€ “q”"},  // windows-1252 in disguise
      {"windows-1252", "\x81\xFF\x9F", "\uFFFDÿŸ"},
      {" Latin1 ", "\xA0", "\u00A0"},
      {"us-ascii", "plain", "plain"},
      {"us-ascii", "caf\xE9", "café"},
      {"us-ascii", "caf\xC3\xA9", "café"},
      {"unknown-8bit", "caf\xE9", "café"},
      {"x-unknown", "caf\xC3\xA9", "café"},
      {"", "caf\xE9", "café"},
      {"iso-8859-15", "\xA4", "€"},
      {"iso-8859-2", "\xB1", "ą"},
      {"iso-8859-9", "\xFD\x80", "ı€"},
      {"ISO-8859-8-I", "\xF9\xEC\xE5\xED", "שלום"},
      {"iso-8859-8-e", "\xF9", "ש"},
      {"koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4", "Привет"},
      {"windows-1251", "\xCF\xF0\xE8", "При"},
      {"ks_c_5601-1987", "\xB0\xA1\x8C\x63", "가똠"},  // the second is in CP949 alone
      {"euc-kr", "\xB0\xA1", "가"},
      {"gb2312", "\xC4\xE3\xBA\xC3", "你好"},
      {"gb2312", "\xE9\x46", "镕"},  // not in GB 2312 itself, but in names in the news
      {"GBK", "\x81\x30\x81\x30", "\u0080"},
      {"big5", "\xA7\x41\xA6\x6E", "你好"},
      {"shift_jis", "\x93\xFA\x96\x7B\x87\x40", "日本①"},
      {"euc-jp", "\xC6\xFC\xCB\xDC", "日本"},
      {"iso-2022-jp", "\x1B$BF|K\\\x1B(B!", "日本!"},
      {"utf-7", "Hi +ZeVnLA-", "Hi 日本"},
      {"utf-16be", std::string_view("\0A\x65\xE5", 4), "A日"},
      {"utf-16",
       std::string_view("\xFF\xFE"
                        "A\0",
                        4),
       "A"},
      {"iso_8859-1:1987", "\xE9", "é"},
      {"tis-620", "\xA1", "ก"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.charset, row.text);
    CHECK(to_utf8(row.octets, row.charset) == std::string(row.text));
    CHECK(is_known_charset(row.charset));
  }
}

TEST_CASE("octets that a charset does not define become U+FFFD and the rest stays readable") {
  CHECK(to_utf8("a\xFFz", "shift_jis") == "a\uFFFDz");
  CHECK(to_utf8("\xC6\xFC\xC6", "euc-jp") == "日\uFFFD");                       // cut off
  CHECK(to_utf8(std::string_view("\xD8\x00\0A", 4), "utf-16be") == "\uFFFDA");  // lone surrogate
  CHECK(to_utf8(std::string_view("\0A\0", 3), "utf-16be") == "A\uFFFD");
  CHECK(to_utf8(std::string_view("a\0b", 3), "koi8-r") == std::string("a\0b", 3));
}

TEST_CASE("a name that would change how iconv works is unknown") {
  for (const std::string_view name :
       {std::string_view("utf-8//IGNORE"), std::string_view("koi8-r//TRANSLIT"), std::string_view("koi8-r,x"),
        std::string_view("koi8-r\0x", 8), std::string_view("../koi8-r"), std::string_view("//"), std::string_view("/"),
        std::string_view("-"), std::string_view("..."), std::string_view("wchar_t"), std::string_view("INTERNAL"),
        std::string_view("char"), std::string_view("no-such-charset"), std::string_view("koi8 r"),
        std::string_view("koi8-r\xC3\xA4"), std::string_view("koi8-r+")}) {
    CAPTURE(name);
    CHECK_FALSE(to_utf8("x", name));
    CHECK_FALSE(is_known_charset(name));
  }
  CHECK_FALSE(is_known_charset(std::string(100000, 'a')));
}

TEST_CASE("the result is valid UTF-8 of bounded size whatever the octets are") {
  std::string octets;
  std::uint32_t state = 1;
  for (int i = 0; i < 20000; ++i) {
    state = state * 1664525U + 1013904223U;
    octets += static_cast<char>(state >> 24U);
  }
  for (const char* name : {"utf-8",   "iso-8859-1", "us-ascii",    "utf-7",         "utf-16",       "utf-16le",
                           "utf-32",  "ucs-4",      "iso-2022-jp", "iso-2022-jp-3", "iso-2022-kr",  "iso-2022-cn-ext",
                           "gb18030", "gb2312",     "big5",        "big5-hkscs",    "shift_jis",    "euc-jp",
                           "euc-kr",  "euc-tw",     "tcvn",        "windows-1255",  "windows-1258", "koi8-u"}) {
    CAPTURE(name);
    const auto text = to_utf8(octets, name);
    REQUIRE(text);
    CHECK(is_utf8(*text));
    CHECK_FALSE(text->empty());
    CHECK(text->size() <= octets.size() * 4);
  }
}

TEST_CASE("a text longer than the conversion buffer keeps every character") {
  std::string octets, expected;
  for (int i = 0; i < 5000; ++i) {
    octets +=
        "\xC6\xFC"
        "a";
    expected += "日a";
  }
  CHECK(to_utf8(octets, "euc-jp") == expected);
}

namespace {

// In pieces of the given size; the last one may be empty.
std::string convert_pieces(std::string_view octets, std::string_view charset, std::size_t size) {
  Utf8Converter converter = Utf8Converter::open(charset).value();
  std::string text;
  for (; octets.size() > size; octets.remove_prefix(size)) text += converter.convert(octets.substr(0, size), false);
  text += converter.convert(octets, false);
  return text += converter.convert({}, true);
}

}  // namespace

TEST_CASE("a text in pieces is converted as if it were whole, wherever it is cut") {
  struct Row {
    std::string_view charset, octets;
  };
  const Row rows[] = {
      {"utf-8", "Grüße, 日本 \U0001F600!"},
      {"utf-8", "a\xC3|\xE6\x97|\xF0\x9F\x98|\xED\xA0\x80|\xFF|\xC3"},
      {"utf-8", "\x80\x80\x80\x80|\xF0\x9F\x98"},
      {"", "Grüße, 日本 \U0001F600!"},
      {"us-ascii", "plain"},
      {"iso-8859-1", "caf\xE9 \x93q\x94"},
      {"us-ascii", "\xE9 caf"},
      {"koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4"},
      {"gb18030", "\xC4\xE3\xBA\xC3 \x81\x30\x81\x30"},
      {"shift_jis", "\x93\xFA\x96\x7B\x87\x40"},
      {"euc-jp", "\xC6\xFC\xCB\xDC\xC6"},
      {"iso-2022-jp", "\x1B$BF|K\\\x1B(B!\x1B$BF|\x1B(B"},
      {"utf-7", "Hi +ZeVnLA-, +ZeU-"},
      {"utf-16be", std::string_view("\0A\x65\xE5\xD8\x3D\xDE\x00\0z\0", 11)},
      {"utf-16le", std::string_view("A\0\xE5\x65", 4)},
      {"windows-1258", "a\xEC|o"},  // a letter may wait for its mark, and the last one waits for the end
  };
  for (const Row& row : rows) {
    CAPTURE(row.charset, row.octets);
    const std::string whole = to_utf8(row.octets, row.charset).value();
    for (std::size_t size = 1; size <= row.octets.size() + 1; ++size) {
      CAPTURE(size);
      CHECK(convert_pieces(row.octets, row.charset, size) == whole);
    }
  }
}

TEST_CASE("undeclared text that turns out not to be UTF-8 half way") {
  Utf8Converter converter = Utf8Converter::open("us-ascii").value();
  CHECK(converter.convert("Gr\xC3", false) == "Gr");
  CHECK(converter.convert("\xBC\xC3\x9F", false) == "üß");
  CHECK(converter.convert("caf\xE9 ", false) == "café ");
  CHECK(converter.convert("\xC3\xBC", true) == "Ã¼");  // and stays so
}

TEST_CASE("pieces of any octets give valid UTF-8") {
  std::string octets;
  std::uint32_t state = 7;
  for (int i = 0; i < 3000; ++i) {
    state = state * 1664525U + 1013904223U;
    octets += static_cast<char>(state >> 24U);
  }
  for (const char* name : {"utf-8", "us-ascii", "iso-8859-1", "utf-7", "utf-16", "iso-2022-jp", "iso-2022-kr",
                           "gb18030", "big5-hkscs", "shift_jis", "euc-kr", "windows-1258"}) {
    for (const std::size_t size : {1U, 7U, 1000U}) {
      CAPTURE(name, size);
      const std::string text = convert_pieces(octets, name, size);
      CHECK(is_utf8(text));
      CHECK_FALSE(text.empty());
      CHECK(text.size() <= octets.size() * 4);
    }
  }
}

TEST_CASE("a converter of an unknown charset does not open") {
  CHECK_FALSE(Utf8Converter::open("no-such-charset"));
  CHECK_FALSE(Utf8Converter::open("utf-8//IGNORE"));
}
