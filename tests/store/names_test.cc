#include "store/names.h"

#include <catch2/catch.hpp>

#include "postfach/account.h"

using namespace postfach;
using namespace postfach::store;

TEST_CASE("mailbox names: the form in which they are kept") {
  const std::pair<const char*, const char*> rows[] = {
      {"Sent", "Sent"},          {"inbox", "INBOX"},     {"Inbox/Lists", "INBOX/Lists"},
      {"inboxes", "inboxes"},    {"a/inbox", "a/inbox"}, {"Entw\xC3\xBCrfe", "Entw\xC3\xBCrfe"},
      {"u\xCC\x88", "\xC3\xBC"}, {"..", ".."},           {"a b", "a b"},
  };
  for (const auto& [name, kept] : rows) {
    CAPTURE(name);
    CHECK(canonical_name(name).value() == kept);
  }
}

TEST_CASE("mailbox names that are refused") {
  std::string deep = "a";
  for (int i = 0; i < 63; ++i) deep += "/a";
  CHECK(canonical_name(deep));
  CHECK(canonical_name(std::string(255, 'a')));
  const std::string rows[] = {"",
                              "/",
                              "/a",
                              "a/",
                              "a//b",
                              "a\nb",
                              "a\x7F",
                              "\xC2\x85",
                              "a\xE2\x80\xA8",
                              "\xE2\x80\xA9/b",
                              "\xFF",
                              std::string("a\0b", 3),
                              deep + "/a",
                              std::string(256, 'a'),
                              std::string(1001, 'a')};
  for (const std::string& name : rows) {
    CAPTURE(name);
    CHECK(canonical_name(name).error().code == Errc::invalid_argument);
  }
}

TEST_CASE("keywords are atoms") {
  for (const char* keyword : {"$Forwarded", "a", "NonJunk", "$label1", "a.b-c", "["}) CHECK(check_keyword(keyword));
  for (const char* keyword :
       {"", "a b", "\\Seen", "a(", "a)", "a{", "%", "*", "\"", "]", "\xC3\xBC", "a\r\nb", "\x7F"}) {
    CAPTURE(keyword);
    CHECK(check_keyword(keyword).error().code == Errc::invalid_argument);
  }
}

TEST_CASE("the canonical form of a mailbox name, for hosts") {
  CHECK(canonical_mailbox_name("inbox/x/").value() == "INBOX/x");
  CHECK(canonical_mailbox_name("u\xCC\x88").value() == "\xC3\xBC");
  CHECK(canonical_mailbox_name("/").error().code == Errc::invalid_argument);
}
