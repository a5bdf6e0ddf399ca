#include "message/imap_string.h"

#include <catch2/catch.hpp>

namespace postfach::message {
namespace {

std::string written(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

TEST_CASE("strings are quoted where they can be, else literals") {
  CHECK(written("") == "\"\"");
  CHECK(written("a b") == "\"a b\"");
  CHECK(written("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(written("tab\there") == "\"tab\there\"");
  CHECK(written("J\xC3\xB6rg") == "{5}\r\nJ\xC3\xB6rg");
  CHECK(written("a\r\n* BYE") == "{8}\r\na\r\n* BYE");
  CHECK(written("a\rb") == "{3}\r\na\rb");
}

TEST_CASE("no NUL is ever sent") {
  CHECK(written(std::string_view("a\0b\0", 4)) ==
        "{8}\r\na\xEF\xBF\xBD"
        "b\xEF\xBF\xBD");
}

TEST_CASE("nothing is NIL, and empty is not") {
  std::string out;
  append_nstring(out, std::nullopt);
  append_nstring(out, "");
  CHECK(out == "NIL\"\"");
}

}  // namespace
}  // namespace postfach::message
