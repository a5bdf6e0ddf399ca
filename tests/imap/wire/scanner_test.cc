#include "imap/wire/scanner.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

namespace {

using namespace postfach;
using namespace postfach::imap;
using namespace std::string_literals;

// What a function reads from the whole text, or nothing.
template <class T>
std::optional<T> read(const std::string& text, bool (Scanner::*function)(T&), bool utf8 = false) {
  Scanner in(text, utf8);
  T value{};
  if (!(in.*function)(value) || !in.end()) {
    CHECK_FALSE(in.error().empty());
    return std::nullopt;
  }
  return value;
}
std::optional<std::string> astring(const std::string& text, bool utf8 = false) {
  return read<std::string>(text, &Scanner::astring, utf8);
}

}  // namespace

TEST_CASE("scanner: strings") {
  CHECK(astring("abc") == "abc");
  CHECK(astring("a]b") == "a]b");
  CHECK(astring("a[b.c&-/~") == "a[b.c&-/~");
  CHECK(astring("\"\"") == "");
  CHECK(astring("\"a b(){%*]\"") == "a b(){%*]");
  CHECK(astring("\"a\\\"b\\\\c\"") == "a\"b\\c");
  CHECK(astring("{3}\r\na\"b") == "a\"b");
  CHECK(astring("{3+}\r\n\r\n\xFF") == "\r\n\xFF");
  CHECK(astring("{0}\r\n") == "");
  CHECK(astring("{007}\r\n1234567") == "1234567");

  for (const std::string& text : {""s,
                                  "("s,
                                  ")"s,
                                  "a b"s,
                                  "a(b"s,
                                  "a\"b"s,
                                  "a\\b"s,
                                  "a%"s,
                                  "a*"s,
                                  "\xC3\xA4"s,
                                  "a\x7F"s,
                                  "a\tb"s,
                                  "\""s,
                                  "\"a"s,
                                  "\"a\\\""s,
                                  "\"a\\n\""s,
                                  "\"a\\"s,
                                  "\"a\r\nb\""s,
                                  "\"a\0b\""s,
                                  "{"s,
                                  "{3"s,
                                  "{3}"s,
                                  "{3}\r\n"s,
                                  "{3}\r\nab"s,
                                  "{3}\nabc"s,
                                  "{3}abc"s,
                                  "{-1}\r\n"s,
                                  "{}\r\n"s,
                                  "{1x}\r\na"s,
                                  "{18446744073709551615}\r\nabc"s,
                                  "{18446744073709551616}\r\nabc"s,
                                  "{3}\r\na\0b"s,
                                  "~{3}\r\nabc"s}) {
    INFO(text);
    CHECK_FALSE(astring(text));
  }
}

TEST_CASE("scanner: 8-bit in quoted strings is taken as it comes; in UTF-8 mode it must be UTF-8") {
  CHECK(astring("\"\xC3\xA4\"") == "\xC3\xA4");
  CHECK(astring("\"p\xE4ss\"") == "p\xE4ss");
  CHECK(astring("\"\xC3\xA4\"", true) == "\xC3\xA4");
  CHECK_FALSE(astring("\"\xC3\"", true));
  CHECK_FALSE(astring("\xC3\xA4", true));
}

TEST_CASE("scanner: numbers") {
  CHECK(read<std::uint32_t>("0", &Scanner::number) == 0U);
  CHECK(read<std::uint32_t>("007", &Scanner::number) == 7U);
  CHECK(read<std::uint32_t>("4294967295", &Scanner::number) == 4294967295U);
  CHECK_FALSE(read<std::uint32_t>("4294967296", &Scanner::number));
  CHECK_FALSE(read<std::uint32_t>("0", &Scanner::nz_number));
  CHECK_FALSE(read<std::uint32_t>("01", &Scanner::nz_number));
  CHECK(read<std::uint64_t>("9223372036854775807", &Scanner::number64) == 9223372036854775807ULL);
  for (const char* text : {"9223372036854775808", "18446744073709551616", "", "-1", "+1", "x", "1x"}) {
    INFO(text);
    CHECK_FALSE(read<std::uint64_t>(text, &Scanner::number64));
  }
}

TEST_CASE("scanner: sequence sets") {
  for (const char* text : {"1", "*", "1:*", "*:1", "4294967295", "1,2:3,*"}) {
    INFO(text);
    CHECK(read<NumberSet>(text, &Scanner::sequence_set));
  }
  for (const char* text : {"", "0", "0:1", "1:0", "1:", ":1", ",1", "1,", "1,,2", "1:2:3", "4294967296", "a", "-1",
                           "**", "1 2", "01", "1,$"}) {
    INFO(text);
    CHECK_FALSE(read<NumberSet>(text, &Scanner::sequence_set));
  }
}

TEST_CASE("scanner: mailbox names") {
  const auto mailbox = [](const std::string& text, bool utf8 = false) {
    return read<std::string>(text, &Scanner::mailbox, utf8);
  };
  CHECK(mailbox("inBOX") == "INBOX");
  CHECK(mailbox("\"InboX\"") == "INBOX");
  CHECK(mailbox("{5}\r\ninbox") == "INBOX");
  CHECK(mailbox("inboxes") == "inboxes");
  CHECK(mailbox("Entw&APw-rfe") == "Entw\u00FCrfe");
  CHECK(mailbox("../../etc") == "../../etc");  // a name is data
  CHECK(mailbox("\"\"") == "");
  CHECK_FALSE(mailbox("a&b"));
  CHECK_FALSE(mailbox("{2}\r\n\xC3\xBC"));
  CHECK(mailbox("\"\u00FC&b\"", true) == "\u00FC&b");
  CHECK(mailbox("{2}\r\n\xC3\xBC", true) == "\u00FC");
  CHECK_FALSE(mailbox("{1}\r\n\xC3", true));

  const auto written = [](const std::string& text) { return read<std::string>(text, &Scanner::mailbox_as_written); };
  CHECK(written("inBOX") == "inBOX");
  CHECK(written("Entw&APw-rfe") == "Entw\u00FCrfe");
  CHECK_FALSE(written("a&b"));

  const auto pattern = [](const std::string& text, bool utf8 = false) {
    return read<std::optional<std::string>>(text, &Scanner::list_mailbox, utf8);
  };
  CHECK(pattern("*").value() == "*");
  CHECK(pattern("inBOX").value() == "inBOX");
  CHECK(pattern("%/&APw-*").value() == "%/\u00FC*");
  CHECK(pattern("\"\"").value() == "");
  CHECK(pattern("\"a b%\"").value() == "a b%");
  CHECK(pattern("\"R&D\"", true).value() == "R&D");
  CHECK_FALSE(pattern(""));
  // Not an encoding of any name: such a pattern matches nothing.
  for (const char* text : {"&*", "R&D", "\"R&D\"", "{1}\r\n\xC3"}) {
    const auto read_pattern = pattern(text);
    REQUIRE(read_pattern);
    CHECK_FALSE(read_pattern->has_value());
  }
  CHECK_FALSE(pattern("{1}\r\n\xC3", true).value().has_value());
}

TEST_CASE("scanner: flags") {
  const auto flags = [](const std::string& text) { return read<FlagList>(text, &Scanner::flag_list); };
  CHECK(flags("()") == FlagList{});
  CHECK(flags("(\\Seen)") == FlagList{Flag::seen, {}});
  CHECK(flags("(\\SEEN \\answered $Junk \\Deleted \\Flagged \\Draft NonJunk $junk)") ==
        FlagList{Flags::from_bits(31), {"$Junk", "NonJunk"}});
  CHECK(flags("(\\Recent \\Seen)") == FlagList{Flag::seen, {}});
  for (const char* text : {"", "(", "(\\Seen", "(\\Seen ", "\\Seen", "(\\)", "(\\*)", "(\\Nope)", "(a  b)", "( a)",
                           "(\"a\")", "(a])", "(a\xC3\xA4)", "((a))"}) {
    INFO(text);
    CHECK_FALSE(flags(text));
  }
  std::string many = "(k";
  for (int i = 0; i < 10'000; ++i) many += " k" + std::to_string(i);
  CHECK_FALSE(flags(many + ")"));
  CHECK(read<FlagList>("\\Seen x", &Scanner::bare_flags) == FlagList{Flag::seen, {"x"}});
}

TEST_CASE("scanner: dates") {
  const auto date = [](const std::string& text) { return read<std::int64_t>(text, &Scanner::date); };
  CHECK(date("1-Jan-1970") == 0);
  CHECK(date("02-feb-1970") == 32);
  CHECK(date("\"31-Dec-1969\"") == -1);
  CHECK(date("29-Feb-2000") == 11016);
  for (const char* text :
       {"", "0-Jan-1970", "32-Jan-1970", "29-Feb-1900", "31-Apr-2000", "1-Foo-2000", "1-Jan-70", "1-Jan-19700",
        "001-Jan-1970", "\"1-Jan-1970", "1-Jan-1970\"", "1 Jan 1970", "-1-Jan-1970", "1-Ja"}) {
    INFO(text);
    CHECK_FALSE(date(text));
  }
  CHECK(read<DateTime>("\"17-Jul-1996 02:44:25 -0700\"", &Scanner::date_time) == DateTime{837596665, -420});
  CHECK(read<DateTime>("\" 1-Jan-1970 00:00:00 +0000\"", &Scanner::date_time) == DateTime{0, 0});
  for (const char* text : {"17-Jul-1996", "\"17-Jul-1996\"", "\"17-Jul-1996 25:44:25 -0700\"", "\"\""}) {
    INFO(text);
    CHECK_FALSE(read<DateTime>(text, &Scanner::date_time));
  }
}

TEST_CASE("scanner: the first error stays") {
  Scanner in("x");
  std::uint32_t number = 0;
  CHECK_FALSE(in.number(number));
  const std::string error(in.error());
  std::string text;
  CHECK_FALSE(in.astring(text));
  CHECK_FALSE(in.skip('x'));
  CHECK_FALSE(in.end());
  CHECK(in.error() == error);
}
