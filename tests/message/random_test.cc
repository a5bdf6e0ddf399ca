// Mail out of a hat: nobody writes such messages, but somebody sends them.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "message/address.h"
#include "message/body_structure.h"
#include "message/date.h"
#include "message/decode.h"
#include "message/header.h"
#include "support.h"

namespace postfach::message {
namespace {

// A generator whose numbers are the same everywhere; the distributions of <random> are not.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::mt19937 engine_;
};

const std::vector<std::string> kPieces = {"\r\n",
                                          "\n",
                                          "\r\n\r\n",
                                          "\n\n",
                                          "\r",
                                          "--a",
                                          "--a--",
                                          "--ab",
                                          "--ab--",
                                          "--",
                                          "-",
                                          "text",
                                          " ",
                                          "\t",
                                          "Content-Type: multipart/mixed; boundary=a\r\n",
                                          "Content-Type: multipart/digest; boundary=ab\r\n",
                                          "Content-Type: message/rfc822\r\n",
                                          "Content-Type: text/html; charset=x\n",
                                          "Subject: =?utf-8?q?a?=\r\n",
                                          "From: \"a\" <b@c>, (d\\",
                                          "To: g: a@b;\r\n",
                                          "Content-Transfer-Encoding: base64\r\n",
                                          "Content-Disposition: attachment; filename*0*=a; filename*1=\"b",
                                          "\"",
                                          "\\",
                                          "(",
                                          ")",
                                          "<",
                                          ">",
                                          ";",
                                          ":",
                                          ",",
                                          "@",
                                          std::string("\0", 1),
                                          "\xC3\xB6",
                                          "\xFF",
                                          "=",
                                          "=?",
                                          "?="};

std::string random_message(Dice& dice) {
  std::string message;
  for (std::size_t n = dice.below(60); n > 0; --n) {
    message += dice.pick(kPieces);
    if (dice.below(2) == 0) message += "\r\n";
  }
  return message;
}

void mutate(std::string& message, Dice& dice) {
  for (std::size_t n = dice.below(8); n > 0 && !message.empty(); --n) {
    const std::size_t at = dice.below(message.size());
    const std::size_t from = dice.below(message.size());
    const std::size_t size = dice.below(40);
    switch (dice.below(4)) {
      case 0:
        message[at] = static_cast<char>(dice.below(256));
        break;
      case 1:
        message.erase(at, size / 2);
        break;
      case 2:
        message.insert(at, dice.pick(kPieces));
        break;
      default:
        message.insert(at, message.substr(from, size));
        break;
    }
  }
}

const std::string kMessage = crlf(
    "Date: Wed, 17 Jul 1996 02:23:25 -0700\nFrom: Joe <joe@example.org>\nTo: g: a@b, c@d;, e@f (Ed)\n"
    "Subject: =?utf-8?q?J=C3=B6rg?=\nContent-Type: multipart/mixed; boundary=\"a\"\n\npreamble\n"
    "--a\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nJ=C3=B6rg\n"
    "--a\nContent-Type: message/rfc822\nContent-Disposition: inline; filename*0*=utf-8''x; filename*1=y\n\n"
    "Subject: inner\nContent-Type: multipart/digest; boundary=ab\n\n--ab\n\nSubject: x\n\ny\n--ab--\n"
    "--a--\nepilogue\n");

void check_message(const std::string& message, Dice& dice) {
  const Limits limits{.depth = 5, .parts = 20, .header_block = 400, .headers_total = 1000, .addresses = 10};
  const Parsed whole = parse(message, limits);

  Parser parser(limits);
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t size = dice.below(dice.below(4) == 0 ? 100 : 5);
    parser.feed(std::string_view(message).substr(at, size));
    at += size;
  }
  const Parsed parsed = parser.finish();
  REQUIRE(parsed.envelope == whole.envelope);
  REQUIRE(parsed.body_structure == whole.body_structure);
  REQUIRE(parsed.sections == whole.sections);
  REQUIRE(parsed.size == message.size());
  REQUIRE(parsed.header_size == whole.header_size);
  REQUIRE(whole.envelope.find('\0') == std::string::npos);
  REQUIRE(whole.body_structure.find('\0') == std::string::npos);

  const Sections sections(whole.sections);
  REQUIRE(sections.find({}, SectionPart::all) == Range{0, message.size()});
  for (const Part& part : sections.parts()) {
    REQUIRE(part.header.offset + part.header.size == part.body.offset);
    REQUIRE(part.body.offset + part.body.size <= message.size());
    const std::string body = message.substr(part.body.offset, part.body.size);
    REQUIRE(part.lines == static_cast<std::uint64_t>(std::count(body.begin(), body.end(), '\n')));
    // The number leads back to the same octets.
    if (part.kind == PartKind::leaf) {
      REQUIRE(sections.find(parse_path(part.section.empty() ? "1" : part.section).numbers, SectionPart::all) ==
              part.body);
    }
  }
  // BODY has the same parts: it can be trimmed no further.
  const std::string body = body_from_body_structure(whole.body_structure);
  REQUIRE(body_from_body_structure(body) == body);
}

TEST_CASE("random messages: whole or in pieces, the same result within the message") {
  Dice dice(1);
  for (int i = 0; i < 3'000; ++i) check_message(random_message(dice), dice);
}

TEST_CASE("mutated messages: whole or in pieces, the same result within the message") {
  Dice dice(2);
  for (int i = 0; i < 3'000; ++i) {
    std::string message = kMessage;
    mutate(message, dice);
    check_message(message, dice);
  }
}

TEST_CASE("random field values are read within their bounds") {
  Dice dice(3);
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = random_message(dice);
    const std::vector<char> exact(text.begin(), text.end());
    const std::string_view value(exact.data(), exact.size());
    CHECK(parse_addresses(value, 5).size() <= 5);
    CHECK(unfold(value).size() <= value.size());
    CHECK(filter_header(value, {"Subject", "To"}, false).size() <= value.size());
    CHECK(decode_encoded_words(value).size() <= 3 * value.size());
    CHECK(decode_text(value, TransferEncoding::quoted_printable, "utf-8").size() <= 3 * value.size());
    if (const auto time = parse_date(value)) CHECK(time->zone_minutes < 1440);
  }
}

}  // namespace
}  // namespace postfach::message
