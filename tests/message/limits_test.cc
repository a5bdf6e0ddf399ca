// Mail made to cost much: truncated as the limits say, the octets always reachable.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "message/body_structure.h"
#include "support.h"

namespace postfach::message {
namespace {

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

// What every message must keep, however it is cut.
Parsed parse_whole(const std::string& message, Limits limits = {}) {
  Parsed parsed = parse(message, limits);
  CHECK(parsed.size == message.size());
  const std::optional<Range> all = Sections(parsed.sections).find({}, SectionPart::all);
  CHECK(all == Range{0, message.size()});
  CHECK(body_from_body_structure(parsed.body_structure).size() <= parsed.body_structure.size());
  return parsed;
}

TEST_CASE("10^4 nested multiparts: the 101st is opaque") {
  std::string message;
  for (int i = 0; i < 10'000; ++i) {
    const std::string boundary = "b" + std::to_string(i) + "x";
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  const Parsed parsed = parse_whole(message);
  CHECK(count(parsed.body_structure, "\"mixed\"") == 100);
  CHECK(parsed.body_structure.find(std::string(100, '(') +
                                   "(\"application\" \"octet-stream\" (\"boundary\" \"b100x\")") == 0);
  std::string path = "1";
  for (int i = 1; i < 100; ++i) path += ".1";
  CHECK(section(message, parsed, path).find("--b100x\r\n") == 0);
  CHECK(section(message, parsed, path + ".1") == "none");
}

TEST_CASE("10^4 nested messages: the 101st is opaque") {
  std::string message;
  for (int i = 0; i < 10'000; ++i) message += "Content-Type: message/rfc822\r\n\r\n";
  const Parsed parsed = parse_whole(message);
  CHECK(count(parsed.body_structure, "\"rfc822\"") == 100);
  CHECK(count(parsed.body_structure, "\"octet-stream\"") == 1);
  CHECK(parsed.body_structure.size() < 20'000);
}

TEST_CASE("10^5 parts: those beyond the limit belong to the last") {
  std::string message = "Content-Type: multipart/mixed; boundary=x\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) message += "--x\r\n\r\nbody\r\n";
  message += "--x--\r\nepilogue";
  const Parsed parsed = parse_whole(message);
  CHECK(count(parsed.body_structure, "\"plain\"") == 9'999);  // and the multipart
  CHECK(section(message, parsed, "9998") == "body");
  CHECK(section(message, parsed, "9999").find("body\r\n--x\r\n\r\nbody") == 0);
  CHECK(section(message, parsed, "9999").size() == 6 + 90'001 * 13 - 2);
  CHECK(section(message, parsed, "10000") == "none");
}

TEST_CASE("10^5 digest parts without an octet") {
  std::string message = "Content-Type: multipart/digest; boundary=x\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) message += "--x\n";
  const Parsed parsed = parse_whole(message);
  CHECK(count(parsed.body_structure, "\"rfc822\"") < 10'000);
  CHECK(parsed.body_structure.size() < 3'000'000);
}

TEST_CASE("a header of 50 MB is looked at up to the limit") {
  std::string message = "Subject: first\r\nX-Long: ";
  message.append(25'000'000, 'a');
  message += "\r\n";
  for (int i = 0; i < 1'000'000; ++i) message += "X-Filler: 0123456789abc\r\n";
  message += "Subject: last\r\n\r\nbody";
  Parser parser;
  for (std::size_t at = 0; at < message.size(); at += 65'536) parser.feed(std::string_view(message).substr(at, 65'536));
  const Parsed parsed = parser.finish();
  CHECK(parsed.header_size == message.size() - 4);
  CHECK(parsed.envelope == "(NIL \"first\" NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(section(message, parsed, "TEXT") == "body");
}

TEST_CASE("a field beyond the limit of a header block is not seen") {
  const std::string message = "Subject: abc\r\nTo: x@y\r\n\r\nbody";
  CHECK(parse_whole(message, {.header_block = 14}).envelope == "(NIL \"abc\" NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(parse_whole(message, {.header_block = 10}).envelope == "(NIL \"a\" NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(parse_whole(message, {.header_block = 0}).envelope == "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST_CASE("all header blocks together have a limit") {
  std::string message = "Content-Type: multipart/mixed; boundary=x\r\n\r\n";
  for (int i = 0; i < 5; ++i) message += "--x\r\nContent-Type: a/b\r\n\r\nbody\r\n";
  const Parsed parsed = parse_whole(message, {.headers_total = 43 + 2 * 19});
  CHECK(count(parsed.body_structure, "\"a\" \"b\"") == 2);
  CHECK(count(parsed.body_structure, "\"text\" \"plain\"") == 3);
}

TEST_CASE("10^5 addresses") {
  std::string message = "To: ";
  for (int i = 0; i < 100'000; ++i) message += "a@b, ";
  message += "\r\nCc: x@y\r\n\r\n";
  const Parsed parsed = parse_whole(message);
  CHECK(count(parsed.envelope, "\"a\" \"b\"") == 10'000);
  CHECK(count(parsed.envelope, "\"x\" \"y\"") == 1);

  std::string fields;
  for (int i = 0; i < 100'000; ++i) fields += "To: a@b\r\n";
  CHECK(count(parse_whole(fields).envelope, "\"a\" \"b\"") == 10'000);
}

TEST_CASE("addresses of all headers together") {
  std::string message = "Content-Type: multipart/digest; boundary=x\r\n\r\n";
  for (int i = 0; i < 100; ++i) {
    message += "--x\r\n\r\nTo: ";
    for (int j = 0; j < 5'000; ++j) message += "a,";
    message += "\r\n\r\n";
  }
  const Parsed parsed = parse_whole(message);
  CHECK(count(parsed.body_structure, "\"a\" \"\"") == 50'000);
}

TEST_CASE("10^5 parameters, whole or in pieces") {
  std::string message = "Content-Type: a/b";
  for (int i = 0; i < 100'000; ++i) message += "; p" + std::to_string(i) + "=v";
  CHECK(count(parse_whole(message + "\r\n\r\n").body_structure, "\"v\"") == 200);

  message = "Content-Type: a/b";
  for (int i = 0; i < 100'000; ++i) message += "; n*" + std::to_string(i) + "*=v";
  CHECK(parse_whole(message + "\r\n\r\n").body_structure.find("(\"n*\" \"" + std::string(200, 'v') + "\")") !=
        std::string::npos);
}

TEST_CASE("a boundary beyond the limit makes the multipart opaque") {
  const auto message = [](std::size_t size) {
    const std::string boundary(size, 'b');
    return "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n\r\nx\r\n--" +
           boundary + "--";
  };
  CHECK(section(message(1000), "1") == "x");
  const Parsed parsed = parse_whole(message(1001));
  CHECK(parsed.body_structure.find("(\"application\" \"octet-stream\"") == 0);
}

TEST_CASE("unclosed comments, quotes and words, 10^5 of each") {
  for (const std::string piece :
       {"(", "\"", "(\\", "\"\\", "<", "<@", "=?utf-8?q?", "[", ":", "a:", ";", "\\", "@", "(\""}) {
    INFO(piece);
    std::string value;
    for (int i = 0; i < 100'000; ++i) value += piece;
    std::string message;
    for (const char* name : {"From", "Subject", "Content-Type", "Content-Disposition", "Content-Language"}) {
      message += std::string(name) + ": " + value + "\r\n";
    }
    message += "Content-Type: text/html; x=" + value + "\r\nContent-Transfer-Encoding: " + value + "\r\n\r\nbody";
    const Parsed parsed = parse_whole(message, {.header_block = 8 * 1024 * 1024});
    CHECK(section(message, parsed, "TEXT") == "body");
  }
}

TEST_CASE("a comment that ends in a backslash") {
  const Parsed parsed = parse_whole("From: joe@example.org (Joe \\\r\n\r\nbody");
  CHECK(parsed.envelope.find("((NIL NIL \"joe\" \"example.org\"))") != std::string::npos);
}

}  // namespace
}  // namespace postfach::message
