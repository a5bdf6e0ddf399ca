#include "imap/handlers/mailbox_pattern.h"

#include <catch2/catch.hpp>
#include <string>

using postfach::imap::MailboxPattern;

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
