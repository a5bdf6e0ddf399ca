#include <catch2/catch.hpp>
#include <cstdint>
#include <iterator>
#include <string>

#include "message/decode.h"

namespace postfach::message {
namespace {

struct Case {
  const char* value;
  const char* text;
};

TEST_CASE("encoded words of RFC 2047") {
  const Case cases[] = {
      {"plain", "plain"},
      {"=?utf-8?q?J=C3=B6rg?=", "J\xC3\xB6rg"},
      {"=?UTF-8?B?SsO2cmc=?=", "J\xC3\xB6rg"},
      {"=?iso-8859-1?Q?a_b=20=E4?= rest", "a b \xC3\xA4 rest"},
      // RFC 2047 §8
      {"=?ISO-8859-1?Q?a?= b", "a b"},
      {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
      {"=?ISO-8859-1?Q?a?=    \r\n =?ISO-8859-1?Q?b?=", "ab"},
      {"=?ISO-8859-1?Q?a_?= =?ISO-8859-2?Q?b?=", "a b"},
      {"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"},
      {"=?utf-8?q?"
       "?=",
       ""},
      // RFC 2231 §5
      {"=?utf-8*en?Q?J=C3=B6rg?=", "J\xC3\xB6rg"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(decode_encoded_words(each.value) == each.text);
  }
}

TEST_CASE("encoded words as mailers write them") {
  const Case cases[] = {
      {"=?utf-8?q?two words?=", "two words"},
      {"=?utf-8?q?J=C3?= =?utf-8?q?=B6rg?=", "J\xC3\xB6rg"},  // cut within a character
      {"=?utf-8?B?SsM=?= =?utf-8?B?tnJn?=", "J\xC3\xB6rg"},
      {"=?utf-8?q?J=C3?= =?UTF-8?B?tnJn?=", "J\xC3\xB6rg"},
      {"=?utf-8?B?SsO2cmc?=", "J\xC3\xB6rg"},  // padding missing
      {"=?utf-8?q?100=?=", "100="},
      {"=?utf-8?q?=zz?=", "=zz"},
      {"a=?utf-8?q?b?=c", "abc"},
      {"=?utf-8?q?\xC3\xB6?=", "\xC3\xB6"},
      // What is none stays as it is.
      {"=?utf-8?q?unterminated", "=?utf-8?q?unterminated"},
      {"=?utf-8?q?unterminated =?utf-8?q?b?=", "=?utf-8?q?unterminated b"},
      {"=?no-such-charset?q?a?=", "=?no-such-charset?q?a?="},
      {"=?no-such-charset?q?a?= =?utf-8?q?b?=", "=?no-such-charset?q?a?= b"},
      {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
      {"=?"
       "?q?a?=",
       "=?"
       "?q?a?="},
      {"=?*en?q?a?=", "=?*en?q?a?="},
      {"=?", "=?"},
      {"=?=", "=?="},
      {"=?utf-8", "=?utf-8"},
      {"=?utf-8?", "=?utf-8?"},
      {"=?utf-8?q", "=?utf-8?q"},
      {"=?utf-8?q?", "=?utf-8?q?"},
      {"=?utf-8?q?=", "=?utf-8?q?="},
      {"what=? is =?this", "what=? is =?this"},
      // Octets without any label.
      {"J\xC3\xB6rg", "J\xC3\xB6rg"},
      {"J\xF6rg \x80", "J\xC3\xB6rg \xE2\x82\xAC"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(decode_encoded_words(each.value) == each.text);
  }
}

TEST_CASE("a header of unterminated encoded words stays as it is") {
  std::string value;
  for (int i = 0; i < 100'000; ++i) value += "=?utf-8?q?a";
  CHECK(decode_encoded_words(value) == value);
  CHECK(decode_encoded_words(value + "?=") == value.substr(0, value.size() - 11) + "a");
}

TEST_CASE("only so many charsets are looked up for one text") {
  std::string value;
  for (int i = 0; i < 16; ++i) value += "=?x-unknown-" + std::to_string(i) + "?q?a?= ";
  CHECK(decode_encoded_words("=?utf-8?q?b?= " + value + "=?utf-8?q?b?=") == "b " + value + "b");
  CHECK(decode_encoded_words(value + "=?utf-8?q?b?=") == value + "=?utf-8?q?b?=");
}

TEST_CASE("encoded words are the same under each name of UTF-8") {
  // Whole characters, such as are cut between two words, and what is no UTF-8 at all.
  const std::string escapes[] = {"=C3=A4",
                                 "=C3",
                                 "=A4",
                                 "a_",
                                 "=E2=82=AC",
                                 "=FF",
                                 "=3D",
                                 "?= =?utf-8?q?",
                                 "?=\t=?utf-8?b?w6Q=",
                                 "?= x =?utf-8?q?",
                                 "=00",
                                 "=4",
                                 "?= =?iso-8859-1?q?=E4",
                                 "=22b"};
  std::uint32_t random = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string value = "=?utf-8?q?";
    for (int i = 0; i < 8; ++i) {
      random = random * 1'664'525 + 1'013'904'223;
      value += escapes[(random >> 16U) % std::size(escapes)];
    }
    value += "?=";
    std::string renamed = value;
    for (std::size_t at = 0; (at = renamed.find("utf-8", at)) != std::string::npos;) renamed.replace(at, 5, "UTF8");
    CAPTURE(value);
    CHECK(decode_encoded_words(value) == decode_encoded_words(renamed));
  }
}

}  // namespace
}  // namespace postfach::message
