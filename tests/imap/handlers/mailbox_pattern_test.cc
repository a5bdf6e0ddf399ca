#include "imap/handlers/mailbox_pattern.h"

#include <catch2/catch.hpp>
#include <string>

using postfach::imap::MailboxPattern;
using postfach::imap::MailboxPatterns;

TEST_CASE("patterns of LIST match as RFC 9051 says") {
  struct Row {
    const char* pattern;
    const char* name;
    bool matches;
  };
  const Row rows[] = {
      {"*", "a", true},
      {"*", "a/b/c", true},
      {"%", "a", true},
      {"%", "a/b", false},
      {"%/%", "a/b", true},
      {"%/%", "a/b/c", false},
      {"a/%", "a", false},
      {"a/%", "a/b", true},
      {"a/%", "a/b/c", false},
      {"a/*", "a/b/c", true},
      {"a*c", "a/b/c", true},
      {"a*c", "a/b/cd", false},
      {"a%c", "abc", true},
      {"a%c", "a/c", false},
      {"a%b*d", "axb/c/d", true},
      {"*a%b", "x/ab/aab", true},
      {"*%", "a/b", true},
      {"%*%", "a/b", true},
      {"%%", "a/b", false},
      {"", "a", false},
      {"a", "a", true},
      {"a", "A", false},
      {"inbox", "INBOX", true},
      {"InBoX/Sub", "INBOX/Sub", true},
      {"inbox/sub", "INBOX/Sub", false},
      {"in%", "INBOX", true},
      {"%x", "INBOX", true},
      {"inbox", "INBOXES", false},
      {"inbox*", "INBOX/Sub", true},
      {"inbox%", "INBOX", true},
      {"inbox%", "INBOX/Sub", false},
      {"inbox/%", "INBOX/Sub", true},
      {"inbox/*b", "INBOX/Sub", true},
      {"in*b", "INBOX/Sub", true},
      {"in*X", "INBOXES", false},
      {"inbo", "INBOX", false},
      {"Inboxes", "INBOX", false},
      {"a/b*", "a/b", true},
      {"a/b%", "a/b", true},
      {"a/b%", "a/bc/d", false},
      {"a/b*", "a/", false},
      {"\xC3\xA4%", "\xC3\xA4rger", true},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " and " << row.name);
    CHECK(MailboxPattern(row.pattern).matches(row.name) == row.matches);
  }
}

TEST_CASE("long patterns cross words and never blow up") {
  std::string pattern;
  for (int i = 0; i < 300; ++i) pattern += "%a*b";
  std::string name;
  for (int i = 0; i < 300; ++i) name += "xab";
  CHECK(MailboxPattern(pattern).matches(name));
  name.back() = 'c';
  CHECK_FALSE(MailboxPattern(pattern).matches(name));

  const std::string exact(200, 'q');
  CHECK(MailboxPattern(exact).matches(exact));
  CHECK_FALSE(MailboxPattern(exact).matches(exact + "q"));
  CHECK_FALSE(MailboxPattern(exact).matches(exact.substr(1)));
  CHECK(MailboxPattern("*" + exact + "%").matches(exact));
  CHECK_FALSE(MailboxPattern("*" + exact + "%").matches(exact.substr(1)));
}

TEST_CASE("a pattern longer than names can be matches nothing") {
  std::string name;
  while (name.size() < 1000) name += "abcdefghi/";
  CHECK(MailboxPattern(name).matches(name));
  CHECK(MailboxPattern(name + "*").matches(name));
  CHECK_FALSE(MailboxPattern(name + "x").can_match());
  CHECK_FALSE(MailboxPattern("*" + name + "x").can_match());
  CHECK_FALSE(MailboxPattern("").can_match());
  std::string every_octet;
  for (const char c : name) every_octet += {c, '*'};
  CHECK(MailboxPattern(every_octet).matches(name));
  CHECK_FALSE(MailboxPattern(every_octet).matches(name.substr(1)));
}

TEST_CASE("INBOX in the letters of the pattern") {
  CHECK(MailboxPattern("Inbox").inbox() == "Inbox");
  CHECK(MailboxPattern("inBox/x%").inbox() == "inBox");
  CHECK(MailboxPattern("in%").inbox() == "INBOX");
  CHECK(MailboxPattern("*").inbox() == "INBOX");
}

TEST_CASE("several patterns: the first that matches, and a bound on the work") {
  MailboxPatterns patterns;
  CHECK(patterns.match("a") == nullptr);
  CHECK(patterns.add("", "a/%"));
  CHECK(patterns.add("x/", "*"));
  CHECK(patterns.add("", "u\u0308"));
  CHECK_FALSE(patterns.match("a"));
  CHECK(patterns.match("a/b")->has_percent());
  CHECK_FALSE(patterns.match("x/b/c")->has_percent());
  CHECK(patterns.match("\u00FC"));  // names are kept in NFC
  CHECK(patterns.has_percent());

  MailboxPatterns names;
  for (std::size_t i = 0; i < MailboxPatterns::kMostPatterns; ++i) CHECK(names.add("", "n" + std::to_string(i)));
  CHECK(names.cost(1000) < 2000);
  CHECK(names.match("n999"));
  CHECK_FALSE(names.add("", "one more"));

  MailboxPatterns bombs;
  std::string bomb;
  for (int i = 0; i < 900; ++i) bomb += "*x";
  std::size_t taken = 0;
  while (bombs.add("", bomb)) ++taken;
  CHECK(taken == 2);
  CHECK(bombs.cost(1000) < 100'000);
}

TEST_CASE("what all names begin with that a pattern can match") {
  const std::pair<const char*, const char*> rows[] = {{"a/b%", "a/b"},
                                                      {"a/b", "a/b"},
                                                      {"*", ""},
                                                      {"%x", ""},
                                                      {"i%", ""},
                                                      {"In*", ""},
                                                      {"inbox", "INBOX"},
                                                      {"inbox*", ""},
                                                      {"inbox%", ""},
                                                      {"Inbox/%", "INBOX/"},
                                                      {"inboxes*", "inboxes"},
                                                      {"inb", ""},
                                                      {"INBOX", "INBOX"},
                                                      {"x\xC3\xA4*", "x\xC3\xA4"}};
  for (const auto& [pattern, prefix] : rows) {
    INFO(pattern);
    CHECK(MailboxPattern(pattern).prefix() == prefix);
  }
  MailboxPatterns patterns;
  CHECK(patterns.prefix().empty());
  patterns.add("", "Work/Alice*");
  CHECK(patterns.prefix() == "Work/Alice");
  patterns.add("Work/", "A%/x");
  CHECK(patterns.prefix() == "Work/A");
  patterns.add("", "inbox");
  CHECK(patterns.prefix().empty());
}
