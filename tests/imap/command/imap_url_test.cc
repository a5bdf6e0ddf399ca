#include "imap/command/imap_url.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace {

using namespace postfach;
using namespace postfach::imap;

}  // namespace

TEST_CASE("IMAP URL: a message") {
  CHECK(parse_imap_url("/INBOX/;UID=20") == ImapUrl{.mailbox = "INBOX", .uid = 20});
  CHECK(parse_imap_url("/Drafts;UIDVALIDITY=385759045/;UID=20") ==
        ImapUrl{.mailbox = "Drafts", .uid_validity = 385759045, .uid = 20});
  CHECK(parse_imap_url("/a/b%2Fc/d%20e;uidvalidity=1/;uid=4294967295") ==
        ImapUrl{.mailbox = "a/b/c/d e", .uid_validity = 1, .uid = 4294967295});
  CHECK(parse_imap_url("/Entw%C3%BCrfe/;UID=1")->mailbox == "Entw\xC3\xBCrfe");
  CHECK(parse_imap_url("/a&b:c@d=e/;UID=1")->mailbox == "a&b:c@d=e");
  CHECK(parse_imap_url("/%3B%25/;UID=1")->mailbox == ";%");
}

TEST_CASE("IMAP URL: relative") {
  CHECK(parse_imap_url(";UID=7") == ImapUrl{.is_relative = true, .uid = 7});
  CHECK(parse_imap_url(";uid=7/;section=TEXT") ==
        ImapUrl{.is_relative = true, .uid = 7, .section = {.text = Section::Text::text}});
  CHECK(parse_imap_url("b/;UID=7") == ImapUrl{.mailbox = "b", .is_relative = true, .uid = 7});
  CHECK(parse_imap_url("b/c:d;UIDVALIDITY=3/;UID=7") ==
        ImapUrl{.mailbox = "b/c:d", .is_relative = true, .uid_validity = 3, .uid = 7});
}

TEST_CASE("IMAP URL: sections and ranges") {
  const auto section = [](const std::string& text) {
    const auto url = parse_imap_url("/x/;UID=1/;SECTION=" + text);
    REQUIRE(url);
    return url->section;
  };
  CHECK(section("HEADER") == Section{.text = Section::Text::header});
  CHECK(section("1.2.MIME") == Section{.path = {1, 2}, .text = Section::Text::mime});
  CHECK(section("1.5.9") == Section{.path = {1, 5, 9}});
  CHECK(section("header.fields%20(Subject%20%22To%22)") ==
        Section{.text = Section::Text::header_fields, .fields = {"Subject", "To"}});

  CHECK(parse_imap_url("/x/;UID=1/;PARTIAL=10.20") == ImapUrl{.mailbox = "x", .uid = 1, .offset = 10, .size = 20});
  CHECK(parse_imap_url("/x/;UID=1/;SECTION=1/;PARTIAL=7") ==
        ImapUrl{.mailbox = "x", .uid = 1, .section = {.path = {1}}, .offset = 7});
}

TEST_CASE("IMAP URL: what names no message of this session") {
  for (const char* text : {"",
                           "/",
                           ";",
                           "/INBOX",
                           "/INBOX/",
                           "INBOX",
                           "/INBOX;UIDVALIDITY=1",
                           "/INBOX;UIDVALIDITY=1/",
                           "/INBOX;UID=1",
                           "/INBOX/;UID=",
                           "/INBOX/;UID=0",
                           "/INBOX/;UID=-1",
                           "/INBOX/;UID=4294967296",
                           "/INBOX/;UID=*",
                           "/INBOX/;UID=1:2",
                           "/INBOX;UIDVALIDITY=0/;UID=1",
                           "/INBOX;UIDVALIDITY=x/;UID=1",
                           "/INBOX;UIDVALIDITY=1;UID=1",
                           "/;UID=1",
                           "//;UID=1",
                           "//host/INBOX/;UID=1",
                           "//alice@host/INBOX/;UID=1",
                           "imap://host/INBOX/;UID=1",
                           "imap:/INBOX/;UID=1",
                           "http://host/",
                           "INBOX?SUBJECT%20x",
                           "/INBOX?ALL",
                           "/INBOX/;UID=1/",
                           "/INBOX/;UID=1/;SECTION=",
                           "/INBOX/;UID=1/;SECTION",
                           "/INBOX/;UID=1/;SECTION=x",
                           "/INBOX/;UID=1/;SECTION=1]",
                           "/INBOX/;UID=1/;SECTION=1%5D",
                           "/INBOX/;UID=1/;SECTION=MIME",
                           "/INBOX/;UID=1/;SECTION=1/;SECTION=2",
                           "/INBOX/;UID=1/;PARTIAL=",
                           "/INBOX/;UID=1/;PARTIAL=x",
                           "/INBOX/;UID=1/;PARTIAL=1.0",
                           "/INBOX/;UID=1/;PARTIAL=1.",
                           "/INBOX/;UID=1/;PARTIAL=0.10/;SECTION=1",
                           "/INBOX/;UID=1;URLAUTH=anonymous:INTERNAL:00",
                           "/INBOX/;UID=1#x",
                           "/a%/;UID=1",
                           "/a%2/;UID=1",
                           "/a%zz/;UID=1",
                           "/a%00/;UID=1",
                           "/a%FF/;UID=1",
                           "/a b/;UID=1",
                           "/a\xC3\xBC/;UID=1",
                           "/a\\b/;UID=1",
                           "/%/;UID=1",
                           ";SECTION=1",
                           "1;UID=1",
                           ";UID=1;UIDVALIDITY=2",
                           "/;UIDVALIDITY=1/;UID=2"}) {
    INFO(text);
    CHECK_FALSE(parse_imap_url(text));
  }
}

TEST_CASE("IMAP URL: mutated") {
  std::mt19937 random(5092);
  constexpr std::string_view kTokens = "/;=%.:@?#09aZ&\\\" \r\n[]()\xC3\xFF";
  std::size_t parsed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string url = random() % 2 == 0
                          ? "/Entw%C3%BCrfe;UIDVALIDITY=385759045/;UID=20/;SECTION=1.2.HEADER/;PARTIAL=0.10"
                          : ";UID=7/;SECTION=HEADER.FIELDS%20(To)";
    for (std::size_t n = random() % 4; n > 0; --n) {
      const std::size_t at = random() % url.size();
      switch (random() % 3) {
        case 0:
          url[at] = kTokens[random() % kTokens.size()];
          break;
        case 1:
          url.insert(at, 1 + random() % 3, kTokens[random() % kTokens.size()]);
          break;
        default:
          url.erase(at, 1 + random() % 3);
          break;
      }
      if (url.empty()) url = "/";
    }
    const auto result = parse_imap_url(url);
    if (!result) continue;
    ++parsed;
    REQUIRE(result->uid != 0);
    REQUIRE(result->size != 0);
    REQUIRE(result->mailbox.find('\0') == std::string::npos);
    REQUIRE((result->is_relative || !result->mailbox.empty()));
  }
  CHECK(parsed > 4000);
}
