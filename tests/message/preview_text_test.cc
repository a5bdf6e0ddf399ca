#include "message/preview_text.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "base/utf8.h"

namespace postfach::message {
namespace {

std::string line_of(std::string_view text, std::size_t most = 200) {
  OneLine line(most);
  line.add(text);
  return line.text();
}

struct Sorted {
  std::string own, quoted, other;
};

Sorted sorted(std::string_view text) {
  PreviewText preview(200);
  preview.feed(text);
  preview.finish();
  return {preview.own(), preview.quoted(), preview.other()};
}

TEST_CASE("one line of text") {
  CHECK(line_of("  a \r\n\t b\xC2\xA0 c  ") == "a b c");
  CHECK(line_of("a\0b\x1B[31mc\x7F"
                "d\xC2\x85"
                "e",
                200) == "a");  // the literal ends at its NUL
  CHECK(line_of(std::string_view("a\0b\x1B[31m", 8)) == "ab[31m");
  CHECK(line_of("soft\xC2\xADhyphen zero\xE2\x80\x8Bwidth \xEF\xBB\xBF"
                "bom") == "softhyphen zerowidth bom");
  CHECK(line_of("\xE2\x80\xAEreversed\xE2\x80\xAC") == "reversed");
  // What newsletters fill a preview with.
  CHECK(line_of("Hi\xE2\x80\x8C\xC2\xA0\xE2\x80\x8C\xC2\xA0\xCD\x8F \xE2\xA0\x80\xE3\x85\xA4 there") == "Hi there");
  // But joiners within words and emoji stay.
  CHECK(line_of("\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE") == "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE");
  CHECK(line_of("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB x") == "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB x");
  CHECK(line_of("\xCC\x81"
                "accent without a letter") == "accent without a letter");
  CHECK(line_of("bad \xC3( \xFF") == "bad \xEF\xBF\xBD( \xEF\xBF\xBD");
}

TEST_CASE("a line ends between two characters") {
  CHECK(line_of("abcdef", 3) == "abc");
  CHECK(line_of("ab cdef", 3) == "ab");
  CHECK(line_of("\xC3\xA4\xC3\xA4\xC3\xA4", 2) == "\xC3\xA4\xC3\xA4");
  CHECK(line_of("abe\xCC\x81x", 3) == "ab");  // never a letter without its accent
  CHECK(line_of("abe\xCC\x81x", 4) == "abe\xCC\x81");
  CHECK(line_of("a\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", 3) == "a");
  CHECK(line_of("e" + std::string(500, '.'), 1) == "e");
  std::string marks = "e";
  for (int i = 0; i < 500; ++i) marks += "\xCC\x81";
  CHECK(line_of(marks).size() == 1 + 199 * 2);
}

TEST_CASE("own words, quoted words and the rest") {
  Sorted text = sorted("Hello Bob,\r\n\r\nsee you.\r\n-- \r\nAnn\r\nTel. 1\r\n");
  CHECK(text.own == "Hello Bob, see you.");
  CHECK(text.other == "Ann Tel. 1");

  text = sorted("Yes!\n\nOn Mon, 1 May 2023 at 10:00, Bob <bob@example.org>\nwrote:\n> Coming?\n>> Ann?\nBye\n");
  CHECK(text.own == "Yes! Bye");
  CHECK(text.quoted == "Coming? Ann?");
  text = sorted("Yes!\nAm 1. Mai schrieb Bob:\n\n> Kommst du?\n");
  CHECK(text.own == "Yes!");
  text = sorted("I agree with this:\n> quoted\n");
  CHECK(text.own == "I agree with this:");

  text = sorted("> only quoted\n");
  CHECK(text.own.empty());
  CHECK(text.quoted == "only quoted");
}

TEST_CASE("what other programs put above the message that they quote or forward") {
  Sorted text = sorted(
      "Done.\r\n\r\n________________________________\r\nVon: Bob\r\nGesendet: Montag\r\nAn: Ann\r\nBetreff: x\r\n\r\n"
      "Bitte machen.\r\n");
  CHECK(text.own == "Done.");
  CHECK(text.quoted == "Bitte machen.");

  text =
      sorted("---------- Forwarded message ---------\nFrom: Bob <bob@example.org>\nDate: Mon\nSubject: x\n\nNews!\n");
  CHECK(text.own.empty());
  CHECK(text.quoted == "News!");
  CHECK(text.other == "From: Bob <bob@example.org> Date: Mon Subject: x");

  text = sorted("Begin forwarded message:\n\n> From: Bob\n> Subject: x\n> \n> News!\n");
  CHECK(text.own == "Begin forwarded message:");
  CHECK(text.quoted == "News!");

  // A rule alone, or one line with a colon, is decoration and text.
  text = sorted("=====\nNewsletter\n=====\nNote: read this\nand that\n* * *\nWhere: here\n\nmore");
  CHECK(text.own == "Newsletter Note: read this and that Where: here more");
}

TEST_CASE("links behind their text, and armor") {
  CHECK(sorted("See our shop <https://example.org/?utm=1> or <mailto:a@b> x < y <z>").own ==
        "See our shop or x < y <z>");
  CHECK(sorted("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n-----BEGIN PGP SIGNATURE-----\nabc\n").own ==
        "Hello");
  PreviewText secret(200);
  secret.feed("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n");
  secret.finish();
  CHECK(secret.is_unreadable());
  CHECK(secret.own().empty());
}

TEST_CASE("text cut anywhere is sorted the same way") {
  const char* const tokens[] = {"\n",       "\n",           "\r\n",       "> ",     "-- ", "-----",
                                "From: a",  "To: b",        "On 1 May",   "wrote:", "x",   " ",
                                "\xC3\xA4", "\xE2\x82\xAC", "<http://x>", "<",      ">",   "________"};
  std::minstd_rand random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto n = random() % 40; n > 0; --n) text += tokens[random() % std::size(tokens)];
    if (round % 50 == 0) {
      for (int i = 0; i < 3000; ++i) text += "\xE2\x82\xAC";
    }
    CAPTURE(text);
    const Sorted whole = sorted(text);
    PreviewText pieces(200);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = 1 + random() % 5;
      pieces.feed(std::string_view(text).substr(at, size));
      at += size;
    }
    pieces.finish();
    REQUIRE(pieces.own() == whole.own);
    REQUIRE(pieces.quoted() == whole.quoted);
    REQUIRE(pieces.other() == whole.other);
    REQUIRE(base::is_utf8(whole.own + whole.quoted + whole.other));
  }
}

}  // namespace
}  // namespace postfach::message
