#include "message/parser.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support.h"

namespace postfach::message {
namespace {

// The numbers and bodies of all leaves: "1=…|2.1=…"
std::string leaves(const std::string& message) {
  std::string out;
  for (const Part& part : Sections(parse(message).sections).parts()) {
    if (part.kind != PartKind::leaf) continue;
    if (!out.empty()) out += "|";
    out += part.section + "=" + message.substr(part.body.offset, part.body.size);
  }
  return out;
}

TEST_CASE("sizes of a message") {
  const struct {
    std::string message;
    std::uint64_t header_size;
    bool ends_with_crlf;
  } cases[] = {
      {"", 0, false},
      {"\r\n", 2, true},
      {"A: b\r\n\r\nbody\r\n", 8, true},
      {"A: b\n\nbody\n", 6, false},
      {"A: b\r\n\nbody\r", 7, false},
      {"A: b\n\r\nbody", 7, false},
      {"A: b", 4, false},
      {"A: b\r\n", 6, true},
      {"A: b\r\n \r\nB: c\r\n\r\n", 17, true},   // a line with a space folds
      {"A: b\r\n\r\r\nB: c\r\n\r\n", 17, true},  // and CR alone is no empty line
  };
  for (const auto& each : cases) {
    INFO(each.message);
    const Parsed parsed = parse(each.message);
    CHECK(parsed.size == each.message.size());
    CHECK(parsed.header_size == each.header_size);
    CHECK(parsed.ends_with_crlf == each.ends_with_crlf);
    CHECK(section(each.message, parsed, "") == each.message);
    CHECK(section(each.message, parsed, "HEADER") + section(each.message, parsed, "TEXT") == each.message);
  }
}

TEST_CASE("the line end before a delimiter belongs to it, CRLF or LF") {
  const std::string message =
      "Content-Type: multipart/mixed; boundary=x\n\npre\r\n--x\r\n\nlf\n--x\n\r\ncrlf\r\n--x "
      "\t\r\n\r\nboth\n\r\n--x--\n";
  CHECK(leaves(message) == "1=lf|2=crlf|3=both\n");
}

TEST_CASE("delimiters") {
  const auto body = [](std::string_view text) {
    return "Content-Type: multipart/mixed; boundary=\"x y\"\n\n" + std::string(text);
  };
  const struct {
    std::string message;
    const char* leaves;
  } cases[] = {
      {body("--x y\n\none\n--x y--\n"), "1=one"},
      {body("--x y\n\none\n--x y\n\ntwo"), "1=one|2=two"},  // no end
      {body("--x y\n\none\n--x y"), "1=one"},               // cut within the delimiter
      {body("--x y\n\none\n--x y\n"), "1=one|2="},
      {body("--x y\n\none\n--x y--\n--x y\n\ntwo\n"), "1=one"},  // behind the end
      {body("--x y\n--x y\n\n--x y\n\n\n--x y--"), "1=|2=|3="},  // empty parts
      {body("--x y--\n--x y\n\none\n"), ""},
      {body("\n --x y\n-x y\n--x\n- -x y\n--x y\n\none\n--X Y\n"), "1=one\r\n--X Y\r\n"},
      {body("--x y trailing\n\none\n--x y-- trailing\n"), "1=one"},  // RFC 2046 §5.1.1: no exact match of the line
      {body("--x y\nContent-Type: text/html\n--x y\n\ntwo\n--x y--"), "1=|2=two"},  // a header without its end
      {"Content-Type: multipart/mixed; boundary=\"x \"\n\n--x\n\none\n--x--\n", "1=one"},
      {"Content-Type: multipart/mixed; boundary=--\n\n----\n\none\n------\n", "1=one"},
      {"Content-Type: multipart/mixed; boundary=x\n--x\n\none\n", ""},  // not within the message's own header
  };
  for (const auto& each : cases) {
    INFO(each.message);
    CHECK(leaves(crlf(each.message)) == each.leaves);
  }
}

TEST_CASE("an outer delimiter ends inner multiparts and messages") {
  CHECK(leaves(crlf("Content-Type: multipart/mixed; boundary=out\n\n"
                    "--out\nContent-Type: multipart/mixed; boundary=in\n\n"
                    "--in\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=deep\n\n"
                    "--deep\n\none\n"
                    "--in\n\ntwo\n"
                    "--out\n\nthree\n--in\n--out--\n")) == "1.1.1=one|1.2=two|2=three\r\n--in");
}

TEST_CASE("boundaries that start alike: the longest counts") {
  CHECK(leaves(crlf("Content-Type: multipart/mixed; boundary=a\n\n"
                    "--a\nContent-Type: multipart/mixed; boundary=ab\n\n--ab\n\none\n--ab\n\ntwo\n--ab--\n"
                    "--a\n\nthree\n--a--\n")) == "1.1=one|1.2=two|2=three");
  CHECK(leaves(crlf("Content-Type: multipart/mixed; boundary=ab\n\n"
                    "--ab\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\none\n"
                    "--ab\n\ntwo\n--ab--\n")) == "1.1=one|2=two");
  CHECK(leaves(crlf("Content-Type: multipart/mixed; boundary=a\n\n"
                    "--a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a--\n"
                    "--a\n\ntwo\n--a--\n")) == "1.1=one|2=two");
}

TEST_CASE("lines longer than any buffer") {
  const std::string long_line(300'000, '-');
  const std::string message = "Content-Type: multipart/mixed; boundary=x\r\nX-Long: " + long_line +
                              "\r\n\r\n--x\r\n\r\n" + long_line + "\r\n--x--" + long_line;
  Parser parser;
  for (std::size_t at = 0; at < message.size(); at += 1000) parser.feed(std::string_view(message).substr(at, 1000));
  const Parsed parsed = parser.finish();
  CHECK(section(message, parsed, "1") == long_line);
  CHECK(parsed.body_structure == parse(message).body_structure);
}

TEST_CASE("the result depends on the octets, not on how they arrive") {
  const std::string message = crlf(
      "Subject: x\nFrom: a@b\nContent-Type: multipart/mixed; boundary=\"--a\"\n\npre\n-\n--\n--\n"
      "----a\nContent-Type: message/rfc822\n\nContent-Type: multipart/digest; boundary=--ab\n\n"
      "----ab\n\nSubject: in\n\none\n----ab--\n----a\n----a--\nepilogue\n----a");
  const Parsed whole = parse(message);
  for (std::size_t size : {1U, 2U, 3U, 7U}) {
    Parser parser;
    for (std::size_t at = 0; at < message.size(); at += size) parser.feed(std::string_view(message).substr(at, size));
    const Parsed parsed = parser.finish();
    CHECK(parsed.envelope == whole.envelope);
    CHECK(parsed.body_structure == whole.body_structure);
    CHECK(parsed.sections == whole.sections);
    CHECK(parsed.header_size == whole.header_size);
    CHECK(parsed.size == whole.size);
  }
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    Parser parser;
    parser.feed(std::string_view(message).substr(0, cut));
    parser.feed("");
    parser.feed(std::string_view(message).substr(cut));
    const Parsed parsed = parser.finish();
    CHECK(parsed.body_structure == whole.body_structure);
    CHECK(parsed.sections == whole.sections);
  }
}

}  // namespace
}  // namespace postfach::message
