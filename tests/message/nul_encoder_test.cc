#include "message/nul_encoder.h"

#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <string>

#include "message/decode.h"
#include "message/parser.h"

namespace {

using namespace postfach;
using namespace postfach::message;

// The message without NULs; nothing if that is not possible. A step takes so many octets.
std::optional<std::string> encoded(const std::string& message, std::uint64_t step = 1'000'000) {
  const Parsed parsed = parse(message);
  NulEncoder encoder(parsed.sections, message.size());
  std::string result;
  const auto read = [&](std::uint64_t offset, std::size_t most, std::string& out) -> Result<std::size_t> {
    const std::string_view octets = std::string_view(message).substr(static_cast<std::size_t>(offset), most);
    out += octets;
    return octets.size();
  };
  const auto write = [&](std::string_view octets) -> Result<void> {
    result += octets;
    return {};
  };
  for (;;) {
    const Result<bool> done = encoder.step(read, write, step);
    if (!done) {
      CHECK(to_string(done.error().code) == to_string(Errc::invalid_argument));
      return std::nullopt;
    }
    if (*done) return result;
  }
}

std::vector<Part> leaves(const Parsed& parsed) {
  std::vector<Part> parts = Sections(parsed.sections).nodes();
  std::erase_if(parts, [](const Part& part) { return part.kind != PartKind::leaf; });
  return parts;
}

std::string body_of(const std::string& message, const Part& part) {
  return message.substr(static_cast<std::size_t>(part.body.offset), static_cast<std::size_t>(part.body.size));
}

using namespace std::string_literals;

}  // namespace

TEST_CASE("NULs: the transfer encoding is replaced where it stands, or added") {
  CHECK(encoded("A: b\r\n\r\nx\0y"s) == "A: b\r\nContent-Transfer-Encoding: base64\r\n\r\neAB5\r\n");
  CHECK(encoded("\r\n\0"s) == "Content-Transfer-Encoding: base64\r\n\r\nAA==\r\n");
  CHECK(encoded("\n\0"s) == "Content-Transfer-Encoding: base64\r\n\nAA==\r\n");
  CHECK(encoded("content-transfer-encoding:\r\n binary\r\nA: b\r\n\r\n\0"s) ==
        "Content-Transfer-Encoding: base64\r\nA: b\r\n\r\nAA==\r\n");
  CHECK(encoded("A: b\r\nContent-Transfer-Encoding: 8bit\r\nC: d\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\0"s) ==
        "A: b\r\nContent-Transfer-Encoding: base64\r\nC: d\r\n\r\nAA==\r\n");
  CHECK(encoded("A: b\r\n\r\nno nul\n") == "A: b\r\n\r\nno nul\n");
  CHECK(encoded("A: b") == "A: b");
}

TEST_CASE("NULs: only the part that has one is encoded") {
  CHECK(encoded("Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\n\r\nt\0o\r\n--b\r\n"
                "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n\0\r\n--b--\r\nepilogue"s) ==
        "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\ndABv\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nSubject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==\r\n--b--\r\n"
        "epilogue");
}

TEST_CASE("NULs: where no encoding helps") {
  for (const std::string& message :
       {"A: \0\r\n\r\nx"s, "\0"s, "A: \0b\r\n\r\n\0"s, "Content-Transfer-Encoding: base64\r\n\r\nAA\0=="s,
        "Content-Transfer-Encoding: x-own\r\n\r\n\0"s,
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n\0\r\n--b\r\n\r\none\r\n--b--\r\n"s,
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n\0"s,
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n\0"s}) {
    CHECK_FALSE(encoded(message));
  }
}

TEST_CASE("NULs: random messages decode to the same octets") {
  std::mt19937 random(3516);
  const std::string kTokens[] = {"\r\n--b\r\n"s,
                                 "\r\n--b--\r\n"s,
                                 "\r\n--c\r\n"s,
                                 "\r\n--c--\r\n"s,
                                 "\0"s,
                                 "text"s,
                                 "\r\n\r\n"s,
                                 "Content-Type: multipart/mixed; boundary=c\r\n\r\n"s,
                                 "Content-Type: message/rfc822\r\n\r\n"s,
                                 "Content-Transfer-Encoding: binary\r\n\r\n"s,
                                 "Content-Transfer-Encoding: base64\r\n\r\n"s,
                                 std::string(200, 'x')};
  int rewritten = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (std::size_t n = random() % 20; n > 0; --n) message += kTokens[random() % std::size(kTokens)];
    const std::optional<std::string> result = encoded(message);
    REQUIRE(encoded(message, 1 + random() % 50) == result);
    if (!result) continue;
    REQUIRE(result->find('\0') == std::string::npos);
    if (message.find('\0') == std::string::npos) {
      REQUIRE(*result == message);
      continue;
    }
    ++rewritten;
    const auto before = leaves(parse(message));
    const auto after = leaves(parse(*result));
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      CAPTURE(message, *result);
      const std::string octets = body_of(message, before[i]);
      const std::string kept = body_of(*result, after[i]);
      REQUIRE((octets == kept || decode_transfer(kept, after[i].encoding) == octets));
    }
  }
  CHECK(rewritten > 100);
}
