#include "message/quoted_printable.h"

#include <catch2/catch.hpp>

namespace postfach::message {
namespace {

TEST_CASE("quoted-printable") {
  const struct {
    const char* text;
    const char* octets;
  } cases[] = {
      {"", ""},
      {"a=3Db", "a=b"},
      {"a=3db=C3=b6", "a=b\xC3\xB6"},
      {"soft=\r\nbreak", "softbreak"},
      {"soft=\nbreak", "softbreak"},
      {"soft= \t\r\nbreak", "softbreak"},
      {"line \t\r\nend\n", "line\r\nend\n"},
      {"end=", "end"},
      {"trailing  ", "trailing"},
      {"a=b", "a=b"},
      {"a=4", "a=4"},
      {"a=zz=41", "a=zzA"},
      {"=\r\n=\r\n", ""},
      {"\r\n\r\n", "\r\n\r\n"},
      {"bare\rreturn", "bare\rreturn"},
  };
  for (const auto& each : cases) {
    INFO(each.text);
    CHECK(decode_quoted_printable(each.text) == each.octets);
  }
}

TEST_CASE("Q encoding") {
  CHECK(decode_q("a_b=5F=20c") == "a b_ c");
  CHECK(decode_q("=") == "=");
  CHECK(decode_q("=4") == "=4");
  CHECK(decode_q("==41") == "=A");
}

}  // namespace
}  // namespace postfach::message
