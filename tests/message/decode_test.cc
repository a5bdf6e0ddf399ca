#include "message/decode.h"

#include <catch2/catch.hpp>

namespace postfach::message {
namespace {

TEST_CASE("transfer encodings") {
  CHECK(decode_transfer("SGVs\r\nbG8=\r\n", TransferEncoding::base64) == "Hello");
  CHECK(decode_transfer("SGVsb", TransferEncoding::base64).substr(0, 3) == "Hel");
  CHECK(decode_transfer("a=3Db=\r\nc", TransferEncoding::quoted_printable) == "a=bc");
  CHECK(decode_transfer("a=3Db", TransferEncoding::identity) == "a=3Db");
  CHECK(decode_transfer("a=3Db", TransferEncoding::unknown) == "a=3Db");
}

TEST_CASE("texts in their charsets") {
  const struct {
    const char* body;
    TransferEncoding encoding;
    const char* charset;
    const char* text;
  } cases[] = {
      {"J=F6rg", TransferEncoding::quoted_printable, "iso-8859-1", "J\xC3\xB6rg"},
      {"SsO2cmc=", TransferEncoding::base64, "UTF-8", "J\xC3\xB6rg"},
      {"\x1B$B$3\x1B(B", TransferEncoding::identity, "iso-2022-jp", "\xE3\x81\x93"},
      {"J\xC3\xB6rg", TransferEncoding::identity, "", "J\xC3\xB6rg"},
      {"J\xF6rg", TransferEncoding::identity, "", "J\xC3\xB6rg"},
      {"\x80", TransferEncoding::identity, "us-ascii", "\xE2\x82\xAC"},
      {"J\xC3\xB6rg", TransferEncoding::identity, "x-unknown", "J\xC3\xB6rg"},
      {"J\xF6rg", TransferEncoding::identity, "x-unknown", "J\xC3\xB6rg"},
      {"a\xFF", TransferEncoding::identity, "utf-8", "a\xEF\xBF\xBD"},
  };
  for (const auto& each : cases) {
    INFO(each.body << " in " << each.charset);
    CHECK(decode_text(each.body, each.encoding, each.charset) == each.text);
  }
}

}  // namespace
}  // namespace postfach::message
