#include "message/transfer_decoder.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "base/ascii.h"
#include "message/decode.h"

namespace postfach::message {
namespace {

std::string decode_in_pieces(std::string_view text, TransferEncoding encoding, std::minstd_rand& random) {
  TransferDecoder decoder(encoding);
  std::string out;
  std::string scratch;
  do {
    const std::size_t size = std::min<std::size_t>(random() % 7, text.size());
    const bool last = size == text.size();
    out += decoder.decode(text.substr(0, size), last, scratch);
    text.remove_prefix(size);
    if (last) break;
  } while (true);
  return out;
}

// Quoted-printable of RFC 2045 §6.7 by the line, as plainly as it can be written.
std::string by_lines(std::string text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string line = text.substr(0, newline);
    text.erase(0, newline == std::string::npos ? text.size() : newline + 1);
    std::string end = newline == std::string::npos ? "" : "\n";
    if (!end.empty() && line.ends_with('\r')) {
      end = "\r\n";
      line.pop_back();
    }
    while (line.ends_with(' ') || line.ends_with('\t')) line.pop_back();
    if (line.ends_with('=')) {
      line.pop_back();
      end.clear();
    }
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string_view hex = "0123456789abcdef";
      const auto digit = [&](std::size_t at) {
        return at < line.size() ? hex.find(base::to_lower(line[at])) : std::string_view::npos;
      };
      if (line[i] == '=' && digit(i + 1) < 16 && digit(i + 2) < 16) {
        out += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
        i += 2;
      } else {
        out += line[i];
      }
    }
    out += end;
  }
  return out;
}

TEST_CASE("a decoded text does not depend on how it was cut") {
  std::minstd_rand random(11);
  constexpr std::string_view kOctets = "== \t\r\n\r\n4fZ9+/az\x80";
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (auto n = random() % 60; n > 0; --n) text += kOctets[random() % kOctets.size()];
    CAPTURE(text);
    for (const auto encoding :
         {TransferEncoding::identity, TransferEncoding::base64, TransferEncoding::quoted_printable}) {
      REQUIRE(decode_in_pieces(text, encoding, random) == decode_transfer(text, encoding));
    }
    REQUIRE(decode_transfer(text, TransferEncoding::quoted_printable) == by_lines(text));
  }
}

TEST_CASE("space at the end of a line is held back up to a limit, wherever the text is cut") {
  std::minstd_rand random(12);
  constexpr std::size_t kMost = QuotedPrintableDecoder::kMostSpace;
  for (const std::size_t spaces : {kMost - 1, kMost, kMost + 1, 3 * kMost + 7}) {
    for (const char* before : {"x", "x=", "=41", ""}) {
      for (const char* end : {"\r\ny", "\ny", "", "y", "\r", "\ry"}) {
        const std::string text = before + std::string(spaces, ' ') + end;
        CAPTURE(before, spaces, std::string(end));
        const std::string whole = decode_transfer(text, TransferEncoding::quoted_printable);
        REQUIRE(decode_in_pieces(text, TransferEncoding::quoted_printable, random) == whole);
        if (spaces < kMost) CHECK(whole == by_lines(text));
      }
    }
  }
  // A hundred megabytes of it would be no more.
  TransferDecoder decoder(TransferEncoding::quoted_printable);
  std::string scratch;
  const std::string space(64 * 1024, ' ');
  std::size_t size = 0;
  for (int i = 0; i < 100; ++i) size += decoder.decode(space, false, scratch).size();
  CHECK(size >= 100 * space.size() - kMost);
}

TEST_CASE("a copy of a decoder goes on from the same place") {
  for (const auto encoding : {TransferEncoding::base64, TransferEncoding::quoted_printable}) {
    const std::string text = "QUJD\r\nREVG= \t\r\nR0hJ=41 \r\nSktM";
    const std::string whole = decode_transfer(text, encoding);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      TransferDecoder decoder(encoding);
      std::string scratch;
      const std::string head(decoder.decode(std::string_view(text).substr(0, cut), false, scratch));
      for (int i = 0; i < 2; ++i) {
        TransferDecoder copy = decoder;
        CHECK(head + std::string(copy.decode(std::string_view(text).substr(cut), true, scratch)) == whole);
      }
    }
  }
}

}  // namespace
}  // namespace postfach::message
