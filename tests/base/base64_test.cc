#include "base/base64.h"

#include <catch2/catch.hpp>
#include <string>

using namespace postfach::base;

TEST_CASE("base64 test vectors of RFC 4648 §10") {
  struct Row {
    std::string_view octets, text;
  };
  for (const Row& row : {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"}, Row{"foob", "Zm9vYg=="},
                         Row{"fooba", "Zm9vYmE="}, Row{"foobar", "Zm9vYmFy"}}) {
    CHECK(base64_encode(row.octets) == row.text);
    CHECK(base64_decode(row.text) == std::string(row.octets));
    CHECK(base64_decode_lenient(row.text) == row.octets);
  }
}

TEST_CASE("every octet survives base64 at every position") {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  for (std::size_t skip = 0; skip < 4; ++skip) {
    const std::string part = octets.substr(skip);
    CHECK(base64_decode(base64_encode(part)) == part);
    CHECK(base64_decode_lenient(base64_encode(part)) == part);
  }
}

TEST_CASE("strict decoding refuses everything but canonical base64") {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zg==Zg==", "Zm=v", "Zm9v\n", " Zm9v",
                           "Zm9-", "Zm9_", "Zh==", "Zm9=", "Zm9vYg==\r\n", "*"}) {
    CAPTURE(text);
    CHECK_FALSE(base64_decode(text));
  }
  CHECK_FALSE(base64_decode(std::string_view("Zm9\0", 4)));
  CHECK_FALSE(base64_decode("Zm9\xC3"));
}

TEST_CASE("lenient decoding reads what damaged mail still holds") {
  struct Row {
    std::string_view text, octets;
  };
  for (const Row& row : {Row{"Zm9v\r\nYmFy\r\n", "foobar"}, Row{"Z m\t9\r\nv!", "foo"}, Row{"Zg", "f"},
                         Row{"Zm8", "fo"}, Row{"Zm9vY", "foo"}, Row{"Zg==Zm9v", "f"}, Row{"=Zm9v", ""},
                         Row{"Zm9v=", "foo"}, Row{"!!!!", ""}, Row{"Zm9v!YmFy", "foobar"},
                         Row{"Zm\xC3\xA4"
                             "9v",
                             "foo"}}) {
    CAPTURE(row.text);
    CHECK(base64_decode_lenient(row.text) == row.octets);
  }
}
