#include "base/utf7.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using postfach::base::utf7_decode;
using postfach::base::utf7_encode;
using namespace std::string_literals;

TEST_CASE("modified UTF-7: both directions") {
  struct Row {
    const char* utf7;
    const char* utf8;
  };
  for (const Row& row : {Row{"", ""}, Row{"INBOX", "INBOX"}, Row{"R&-D", "R&D"}, Row{"&-", "&"}, Row{"&-&-", "&&"},
                         Row{"Entw&APw-rfe", "Entw\u00FCrfe"}, Row{"&ZeVnLIqe-", "\u65E5\u672C\u8A9E"},
                         Row{"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/\u53F0\u5317/\u65E5\u672C\u8A9E"},
                         Row{"&2D3cqQ-", "\U0001F4A9"}, Row{"&2D3cqdg93Kk-x", "\U0001F4A9\U0001F4A9x"},
                         Row{"&AOQ-&-&AOQ-", "\u00E4&\u00E4"}, Row{"&AAo-", "\n"}, Row{"&AH8-", "\x7F"}}) {
    INFO(row.utf7);
    CHECK(utf7_encode(row.utf8) == row.utf7);
    CHECK(utf7_decode(row.utf7) == row.utf8);
  }
}

TEST_CASE("modified UTF-7: every other form is refused") {
  for (const char* text : {
           "&",           // unterminated
           "a&AOQ",       //
           "&AGE-",       // "a", which stands for itself
           "&AOQAYQ-",    // the same within a run
           "&ACY-",       // "&", which is "&-"
           "&Jjo-&Jjo-",  // one run cut in two
           "&AOR-",       // padding bits set
           "&AO-",        // half a unit
           "&A-",         //
           "&AOQ=-",      // padding
           "&AO/-",       // the alphabet of plain base64
           "&AO Q-",      //
           "&2D0-",       // high surrogate alone
           "&3Kk-",       // low surrogate alone
           "&2D3YPQ-",    // two high ones
           "&3KnYPQ-",    // reversed
           "&AAA-",       // NUL
           "\u00FC",     "a\tb", "a\x7F", "\xFF",
       }) {
    INFO(text);
    CHECK_FALSE(utf7_decode(text));
  }
  CHECK_FALSE(utf7_decode("a\0b"s));
}

TEST_CASE("modified UTF-7: whatever decodes is the one encoding of its name") {
  std::mt19937 random(11);
  constexpr std::string_view kAlphabet = "&&&--AOQJjo2D3cqQab,/+\xC3";
  int decoded = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += kAlphabet[random() % kAlphabet.size()];
    const auto name = utf7_decode(text);
    if (!name) continue;
    ++decoded;
    REQUIRE(utf7_encode(*name) == text);
  }
  CHECK(decoded > 1000);
}

TEST_CASE("modified UTF-7: a name that is not UTF-8 still has a form") {
  CHECK(utf7_decode(utf7_encode("a\xFF")) == "a\uFFFD");
}
