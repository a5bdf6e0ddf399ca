#include <catch2/catch.hpp>
#include <string>

#include "support.h"

namespace postfach::message {
namespace {

std::string structure(std::string_view message) { return parse(crlf(message)).body_structure; }

constexpr const char* kText = R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" )";

TEST_CASE("BODYSTRUCTURE of single parts") {
  const struct {
    const char* message;
    std::string structure;
  } cases[] = {
      {"", std::string(kText) + "0 0 NIL NIL NIL NIL)"},
      {"Subject: only a header", std::string(kText) + "0 0 NIL NIL NIL NIL)"},
      {"A: b\n\none\ntwo\n", std::string(kText) + "10 2 NIL NIL NIL NIL)"},
      // A last line without end is no line: Dovecot counts likewise.
      {"A: b\n\none\ntwo", std::string(kText) + "8 1 NIL NIL NIL NIL)"},
      {"Content-Type: TEXT/Html; Charset=UTF-8\nContent-Transfer-Encoding: 8BIT (c)\n\nx\n",
       R"(("TEXT" "Html" ("Charset" "UTF-8") NIL NIL "8BIT" 3 1 NIL NIL NIL NIL))"},
      {"Content-Type: text/html; a=b\n\nx\n",
       R"(("text" "html" ("a" "b" "charset" "us-ascii") NIL NIL "7bit" 3 1 NIL NIL NIL NIL))"},
      {"Content-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n"
       "Content-ID: <id@x>\nContent-Description: my\n  report\nContent-MD5: Q2hlY2s=\n"
       "Content-Disposition: attachment; filename=\"a \\\"b\\\".pdf\"\nContent-Language: en, de\n"
       "Content-Location: http://a.example/\n\nxxxx\n",
       R"(("application" "pdf" ("name" "a.pdf") "<id@x>" "my  report" "base64" 6 "Q2hlY2s=")"
       R"( ("attachment" ("filename" "a \"b\".pdf")) ("en" "de") "http://a.example/"))"},
      {"Content-Type: image/gif\nContent-ID:\nContent-Description:\nContent-MD5:\nContent-Disposition:\n"
       "Content-Language:\nContent-Location:\nContent-Transfer-Encoding:\n\n",
       R"(("image" "gif" NIL "" "" "7bit" 0 "" NIL NIL ""))"},
      {"Content-Type: image/gif\nContent-Disposition: inline\n\n",
       R"(("image" "gif" NIL NIL NIL "7bit" 0 NIL ("inline" NIL) NIL NIL))"},
      {"Content-Type: image/gif\nContent-Type: text/html\n\n",
       R"(("image" "gif" NIL NIL NIL "7bit" 0 NIL NIL NIL NIL))"},
      {"Content-Type: image/gif; n=J\xC3\xB6rg\n\n",
       "(\"image\" \"gif\" (\"n\" {5}\r\nJ\xC3\xB6rg) NIL NIL \"7bit\" 0 NIL NIL NIL NIL)"},
      // RFC 2045 §5.2: what can't be read is plain text.
      {"Content-Type: text\n\nx", std::string(kText) + "1 0 NIL NIL NIL NIL)"},
      {"Content-Type: nonsense; charset=utf-8\n\nx", std::string(kText) + "1 0 NIL NIL NIL NIL)"},
      {"Content-Type: multipart/mixed\n\nx", std::string(kText) + "1 0 NIL NIL NIL NIL)"},
      {"Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n----\n", std::string(kText) + "15 4 NIL NIL NIL NIL)"},
  };
  for (const auto& each : cases) {
    INFO(each.message);
    CHECK(structure(each.message) == each.structure);
  }
}

TEST_CASE("BODYSTRUCTURE of multiparts") {
  CHECK(structure("Content-Type: multipart/mixed; boundary=\"x\"\nContent-Disposition: inline\n"
                  "Content-Language: en\nContent-Location: here\nContent-Transfer-Encoding: base64\n\n"
                  "preamble\n--x\n\none\n--x\nContent-Type: text/html\n\n<p>\ntwo\n\n--x--\nepilogue\n") ==
        R"(()" + std::string(kText) +
            R"(3 0 NIL NIL NIL NIL)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 10 2)"
            R"( NIL NIL NIL NIL) "mixed" ("boundary" "x") ("inline" NIL) ("en") "here"))");
  CHECK(structure("Content-Type: multipart/alternative; boundary=x\n\nno part here\n") ==
        R"(()" + std::string(kText) + R"(0 0 NIL NIL NIL NIL) "alternative" ("boundary" "x") NIL NIL NIL))");
}

TEST_CASE("BODYSTRUCTURE of enclosed messages") {
  const std::string enclosed = "Subject: inner\n\nbody\nmore";
  const std::string inner = R"((NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) )" + std::string(kText) +
                            "10 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)";
  CHECK(structure("Content-Type: message/rfc822\n\n" + enclosed) ==
        R"(("message" "rfc822" NIL NIL NIL "7bit" 28 )" + inner);
  CHECK(structure("Content-Type: Message/Global; a=b\nContent-Transfer-Encoding: 8bit\n\n" + enclosed) ==
        R"(("Message" "Global" ("a" "b") NIL NIL "8bit" 28 )" + inner);
  CHECK(structure("Content-Type: message/rfc822\n\n") ==
        R"(("message" "rfc822" NIL NIL NIL "7bit" 0 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) )" + std::string(kText) +
            "0 0 NIL NIL NIL NIL) 0 NIL NIL NIL NIL)");
  // RFC 2046 §5.1.5
  CHECK(structure("Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: inner\n\nbody\nmore\n"
                  "--x\nContent-Type: text/plain\n\nx\n--x--\n") ==
        R"((("message" "rfc822" NIL NIL NIL "7bit" 28 )" + inner + std::string(kText) +
            R"(1 0 NIL NIL NIL NIL) "digest" ("boundary" "x") NIL NIL NIL))");
}

// RFC 2046 §5.2.1 forbids it, RFC 6532 §3.7 permits it for message/global: it can't be read in place. The grammar of
// RFC 9051 §9 wants an envelope and a body nevertheless.
TEST_CASE("an encoded message is a leaf with an empty structure") {
  for (const std::string encoding : {"base64", "quoted-printable", "x-unknown"}) {
    const std::string message =
        crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: " + encoding + "\n\nSubject: inner\n\nbody\n");
    CHECK(parse(message).body_structure == R"(("message" "rfc822" NIL NIL NIL ")" + encoding +
                                               R"(" 24 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) )" +
                                               std::string(kText) + "0 0 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)");
    CHECK(section(message, "1") == "Subject: inner\r\n\r\nbody\r\n");
    CHECK(section(message, "1.HEADER") == "none");
    CHECK(section(message, "1.1") == "none");
  }
}

}  // namespace
}  // namespace postfach::message
