#include "base/utf8.h"

#include <utf8proc.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace postfach::base;

TEST_CASE("characters are taken off the front of a text, whatever it is") {
  const auto characters = [](std::string_view text) {
    std::u32string result;
    while (!text.empty()) result += take_utf8(text);
    return result;
  };
  CHECK(characters("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") == U"a\u00E4\u20AC\U0001F600");
  CHECK(characters("\x80\xC3(\xE2\x82") == U"\uFFFD\uFFFD(\uFFFD");
  std::string text;
  for (const char32_t c : U"a\u00E4\u20AC\U0001F600") append_utf8(text, c);
  CHECK(text == std::string("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\0", 11));
  text.clear();
  for (const char32_t none : {0xD800U, 0x110000U}) append_utf8(text, none);
  CHECK(text.empty());
  CHECK(is_mark(0x301));
  CHECK(is_mark(0x93F));
  CHECK_FALSE(is_mark('a'));
  CHECK_FALSE(is_mark(0x1F600));
}

TEST_CASE("is_utf8 takes what RFC 3629 defines and nothing else") {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("plain"), std::string_view("\0", 1), std::string_view("\x7F"),
        std::string_view("\xC2\x80"), std::string_view("\xE0\xA0\x80"), std::string_view("\xED\x9F\xBF"),
        std::string_view("\xEE\x80\x80"), std::string_view("\xEF\xBF\xBF"), std::string_view("\xF0\x90\x80\x80"),
        std::string_view("\xF4\x8F\xBF\xBF")}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
  for (const std::string_view text : {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC3",
                                      "\xC3(",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xE2\x82",
                                      "\xE2\x82(",
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xF8\x88\x80\x80\x80",
                                      "\xFE",
                                      "\xFF",
                                      "\xF0\x9F\x98"}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("a fault is found at any distance from the beginning") {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text = std::string(size, 'a') + "ä€";
    CHECK(is_utf8(text));
    CHECK(is_utf8(text + std::string(130, 'b')));
    CHECK_FALSE(is_utf8(text.substr(0, text.size() - 1)));
    CHECK_FALSE(is_utf8(text + "\xA4" + std::string(130, 'b')));
  }
}

TEST_CASE("each maximal part that is not UTF-8 becomes one U+FFFD") {
  CHECK(replace_invalid_utf8("ok ä") == "ok ä");
  CHECK(replace_invalid_utf8("a\xC3"
                             "b") == "a\uFFFDb");
  CHECK(replace_invalid_utf8("\xE2\x82") == "\uFFFD");
  // Unicode 15, table 3-8 and 3-11.
  CHECK(replace_invalid_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") ==
        "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  CHECK(replace_invalid_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == "\uFFFD\uFFFD\uFFFD\uFFFDA");
}

TEST_CASE("normalize gives NFC and leaves other octets alone") {
  CHECK(normalize("Entwu\u0308rfe") == "Entwürfe");
  CHECK(normalize("Entwürfe") == "Entwürfe");
  CHECK(normalize("\u212B") == "Å");
  CHECK(normalize("q\u0307\u0323") == "q\u0323\u0307");  // canonical order
  CHECK(normalize("\u1112\u1161\u11AB") == "한");
  CHECK(normalize("ﬁ") == "ﬁ");                  // no compatibility forms
  CHECK(normalize("\u0958") == "\u0915\u093C");  // excluded from composition
  CHECK(normalize("u\u0308\xFF") == "u\u0308\xFF");
  CHECK(normalize(std::string("a\0u\u0308", 5)) == std::string("a\0ü", 4));
}

TEST_CASE("fold makes equal what a reader takes for equal") {
  struct Row {
    std::string_view a, b;
  };
  for (const Row& row :
       {Row{"Straße", "STRASSE"}, Row{"ÄRGER", "ärger"}, Row{"u\u0308ber", "Über"}, Row{"ﬁnden", "FINDEN"},
        Row{"ＡＢＣ", "abc"}, Row{"ΣΊΣΥΦΟΣ", "σίσυφος"}, Row{"\u212A", "k"}, Row{"①", "1"}, Row{"\u1100\u1161", "가"},
        Row{"ПРИВЕТ", "привет"}, Row{"q\u0307\u0323", "Q\u0323\u0307"}, Row{"\u210C", "h"}, Row{"INBOX", "inbox"}}) {
    CAPTURE(row.a, row.b);
    CHECK(fold(row.a) == fold(row.b));
  }
  CHECK(fold("e") != fold("é"));
  CHECK(fold("").empty());
  CHECK(fold("A\xFF\xC3"
             "B\xE2\x82") ==
        "a\xFF\xC3"
        "b\xE2\x82");
  CHECK(fold(std::string("A\0B", 3)) == std::string("a\0b", 3));
  CHECK(fold("\uFDFA").size() == 33);  // eighteen code points, the longest decomposition
}

// RFC 5051: equal if the titlecase of each character, decomposed, is the same. Characters with the same titlecase that
// are no pair of capital and small letter.
TEST_CASE("fold makes equal what i;unicode-casemap holds to be equal") {
  struct Row {
    const char* a;
    const char* b;
  };
  for (const Row& row :
       {Row{"\u0131", "I"}, Row{"\u0131", "i"}, Row{"\u017F", "S"}, Row{"\u03C2", "\u03A3"}, Row{"\u03C2", "\u03C3"},
        Row{"\u00B5", "\u039C"}, Row{"\u1FBE", "\u0399"}, Row{"\u0345", "\u03B9"}, Row{"\u212A", "k"},
        Row{"\u212B", "\u00E5"}, Row{"\u01C4", "\u01C5"}, Row{"\u1E9B", "\u1E61"}, Row{"\u03D0", "\u0392"},
        Row{"\uFF21", "a"}, Row{"\u2160", "i"}, Row{"\u0130", "i\u0307"}}) {
    INFO(row.a << ' ' << row.b);
    CHECK(fold(row.a) == fold(row.b));
  }
}

namespace {

// As utf8proc does it for a whole text.
std::string folded_by_utf8proc(std::u32string_view text) {
  std::u32string dotted(text);
  for (char32_t& c : dotted) c = c == 0x131 ? U'i' : c;
  std::string octets;
  for (const char32_t c : dotted) append_utf8(octets, c);
  std::vector<utf8proc_int32_t> parts(dotted.size() * 20 + 1);
  const auto count = utf8proc_decompose(
      reinterpret_cast<const utf8proc_uint8_t*>(octets.data()), static_cast<utf8proc_ssize_t>(octets.size()),
      parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD));
  std::string folded;
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    append_utf8(folded, static_cast<char32_t>(parts[static_cast<std::size_t>(i)]));
  }
  return folded;
}

std::string folded(std::u32string_view text) {
  std::string octets;
  for (const char32_t c : text) append_utf8(octets, c);
  return fold(octets);
}

}  // namespace

TEST_CASE("each letter folds as utf8proc has it, whatever stands beside it") {
  // Marks of several classes, a letter that folds to more than one, ASCII, and what is three octets long.
  constexpr std::array<char32_t, 12> kOthers = {0x301, 0x323, 0x345, 0x327,  0x483, 0x344,
                                                0x1C4, 0xDF,  'A',   0x1E0B, 0x5B0, 0x1D165};
  for (char32_t c = 0x80; c < 0x800; ++c) {
    CAPTURE(static_cast<std::uint32_t>(c));
    std::vector<std::u32string> texts = {{c}, {c, c}, {c, 0x301, c, 0x323}, {0x1E0B, c, 0x323}};
    for (const char32_t other : kOthers) {
      texts.push_back({other, c});
      texts.push_back({c, other});
      texts.push_back({c, 0x301, other});
      texts.push_back({c, other, 0x323, 'B'});
      texts.push_back({'a', 0x301, c, other});
    }
    for (const std::u32string& text : texts) {
      if (folded(text) != folded_by_utf8proc(text)) CHECK(folded(text) == folded_by_utf8proc(text));
    }
  }
  CHECK(fold("\xC3") == "\xC3");
  CHECK(fold("\xC3\xC3\xA4\xC3") ==
        "\xC3"
        "a\xCC\x88\xC3");
  CHECK(fold("\xC0\x80\xC1\xBF") == "\xC0\x80\xC1\xBF");
  std::string text = "kept: ";
  append_fold(text,
              "\xC3\x84"
              "B");
  CHECK(text ==
        "kept: a\xCC\x88"
        "b");
}

TEST_CASE("fold_words keeps letters, digits and symbols") {
  CHECK(fold_words("") == "");
  CHECK(fold_words("L'\u00C9cole, c\u2019est... moi!") == "l ecole c est moi ");
  CHECK(fold_words("C++ #7 $5 50%") == "c++ #7 $5 50%");
  CHECK(fold_words(" \r\n\t-- ") == " ");
  CHECK(fold_words("soft\u00ADhyphen zero\u200Bwidth") == "softhyphen zerowidth");
  CHECK(fold_words("\u0130\u0131") == "ii");
  CHECK(fold_words("a\xFF"
                   "b\xE2\x82") == "a b ");
  CHECK(fold_words("\U0001F600\u20AC") == "\U0001F600\u20AC");
}

TEST_CASE("folding twice changes nothing more") {
  for (const char* text : {"Straße", "ΣΊΣΥΦΟΣ", "ﬁ", "İstanbul", "\u1E9E", "한글", "\u0345\u0301", "Ǆ"}) {
    CAPTURE(text);
    CHECK(fold(fold(text)) == fold(text));
  }
}

TEST_CASE("a text of nothing but marks in the wrong order is sorted") {
  std::string marks = "a";
  for (int i = 0; i < 50000; ++i) marks += "\u0301\u0323";
  std::string sorted = "a";
  for (int i = 0; i < 50000; ++i) sorted += "\u0323";
  for (int i = 0; i < 50000; ++i) sorted += "\u0301";
  CHECK(fold(marks) == sorted);
  CHECK(normalize(marks) == normalize(sorted));
}

namespace {

std::string collation_key(std::string_view text) {
  std::string key;
  append_collation_key(key, text);
  return key;
}

}  // namespace

TEST_CASE("collation keys as RFC 5051 makes them: titlecase, then decomposed") {
  CHECK(collation_key("").empty());
  CHECK(collation_key("Hello_z[1]") == "HELLO_Z[1]");
  CHECK(collation_key("Grüße") == "GRU\u0308ßE");
  CHECK(collation_key("GRÜ") == collation_key("gru\u0308"));
  CHECK(collation_key("\u01C6") == "Dz\u030C");
  CHECK(collation_key("\uFF21") == "A");  // a compatibility form
  // Titlecase puts letters before "[" and "_", which lower case would not.
  CHECK(collation_key("zebra") < collation_key("[list]"));
  CHECK(collation_key("zebra") < collation_key("_x"));
  CHECK(collation_key("a\xFFz\xC3") == "A\xFFZ\xC3");
  std::string appended = "x";
  append_collation_key(appended, "aé");
  CHECK(appended == "xAE\u0301");
}
