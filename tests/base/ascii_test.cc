#include "base/ascii.h"

#include <catch2/catch.hpp>

using namespace postfach::base;

TEST_CASE("case is ignored for ASCII letters only") {
  CHECK(equals_ignoring_case("InBoX", "INBOX"));
  CHECK(equals_ignoring_case("", ""));
  CHECK_FALSE(equals_ignoring_case("INBOX", "INBOX2"));
  CHECK_FALSE(equals_ignoring_case("@", "`"));  // 32 apart, but no letters
  CHECK_FALSE(equals_ignoring_case("[", "{"));
  CHECK_FALSE(equals_ignoring_case("\xC3\x84", "\xC3\xA4"));
  CHECK(starts_with_ignoring_case("Content-Type: x", "content-type"));
  CHECK_FALSE(starts_with_ignoring_case("Con", "content"));
  CHECK(to_lower("A-Z\xC3\x84") == "a-z\xC3\x84");
  CHECK(to_upper("a-z\xC3\xA4") == "A-Z\xC3\xA4");
}

TEST_CASE("trim takes blanks and line ends from both ends and leaves the middle") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim("ab") == "ab");
  CHECK(trim("\r\n \t").empty());
  CHECK(trim("").empty());
}

TEST_CASE("is_ascii finds an octet with the high bit wherever it stands") {
  for (std::size_t size = 0; size < 150; ++size) {
    const std::string text(size, 'a');
    CAPTURE(size);
    CHECK(is_ascii(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string changed = text;
      changed[i] = '\x80';
      CHECK_FALSE(is_ascii(changed));
    }
  }
}

TEST_CASE("parse_number takes digits and nothing else") {
  CHECK(parse_number("0") == 0U);
  CHECK(parse_number("0042") == 42U);
  CHECK(parse_number("18446744073709551615") == UINT64_MAX);
  CHECK(parse_number("4294967295", UINT32_MAX) == 4294967295U);
  for (const char* text :
       {"", "-1", "+1", " 1", "1 ", "0x1", "1a", "18446744073709551616", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
  }
  CHECK_FALSE(parse_number("4294967296", UINT32_MAX));
  CHECK_FALSE(parse_number(std::string_view("1\0", 2)));
}

TEST_CASE("append_number writes the decimal form behind what is there") {
  std::string out = "* ";
  append_number(out, 0);
  append_number(out, UINT64_MAX);
  CHECK(out == "* 018446744073709551615");
}

TEST_CASE("equals_in_constant_time compares like ==") {
  CHECK(equals_in_constant_time("", ""));
  CHECK(equals_in_constant_time("secret", "secret"));
  CHECK_FALSE(equals_in_constant_time("secret", "Secret"));
  CHECK_FALSE(equals_in_constant_time("secret", "secreT"));
  CHECK_FALSE(equals_in_constant_time("secret", "secrets"));
  // A difference must not be undone by a later one.
  CHECK_FALSE(equals_in_constant_time("aa", "bb"));
}
