#include "imap/wire/writer.h"

#include <catch2/catch.hpp>
#include <string>

#include "imap/wire/scanner.h"

namespace {

using namespace postfach;
using namespace postfach::imap;
using namespace std::string_literals;

std::string written(const auto& function) {
  std::string out;
  function(out);
  return out;
}
std::string astring(std::string_view text) {
  return written([&](std::string& out) { append_astring(out, text); });
}
std::string mailbox(std::string_view name, bool utf8 = false) {
  return written([&](std::string& out) { append_mailbox(out, name, utf8); });
}

}  // namespace

TEST_CASE("writer: astrings") {
  CHECK(astring("Trash") == "Trash");
  CHECK(astring("") == "\"\"");
  CHECK(astring("nil") == "\"nil\"");
  CHECK(astring("a b") == "\"a b\"");
  CHECK(astring("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(astring("a]b") == "\"a]b\"");
  CHECK(astring("a\r\n* BYE") == "{8}\r\na\r\n* BYE");
  CHECK(astring("\xC3\xA4") == "{2}\r\n\xC3\xA4");
  CHECK(astring("a\0b"s) == "{5}\r\na\uFFFDb");
}

TEST_CASE("writer: every string is read back as it was") {
  for (const std::string& text : {""s, "a"s, "a b"s, "\""s, "\\"s, "{5}"s, "NIL"s, "a\r\nb"s, "\xC3\xA4"s, "%*"s,
                                  "\t\x01"s, std::string(5000, 'x')}) {
    const std::string token = astring(text);
    Scanner in(token);
    std::string read;
    REQUIRE((in.astring(read) && in.end()));
    CHECK(read == text);
  }
}

TEST_CASE("writer: mailbox names") {
  CHECK(mailbox("INBOX") == "INBOX");
  CHECK(mailbox("Entw\u00FCrfe") == "Entw&APw-rfe");
  CHECK(mailbox("R&D") == "R&-D");
  CHECK(mailbox("a b/\u00FC") == "\"a b/&APw-\"");
  CHECK(mailbox("x\r\n* OK") == "\"x&AA0ACg-* OK\"");
  CHECK(mailbox("Entw\u00FCrfe", true) == "\"Entw\u00FCrfe\"");
  CHECK(mailbox("R&D", true) == "R&D");
  CHECK(mailbox("\u00FC\r\n", true) == "{4}\r\n\u00FC\r\n");
  CHECK(mailbox("\xFF", true) == "{1}\r\n\xFF");
}

TEST_CASE("writer: flags") {
  const KeywordNames names{"$Junk", "", "a b", "x\r\n* BYE", "\\Seen", "Later"};
  const auto flags = [&](Flags set, KeywordMask keywords, bool recent = false) {
    return written([&](std::string& out) { append_flags(out, set, keywords, names, recent); });
  };
  CHECK(flags({}, 0) == "()");
  CHECK(flags(Flag::seen | Flag::answered, 1) == "(\\Answered \\Seen $Junk)");
  CHECK(flags({}, 0, true) == "(\\Recent)");
  CHECK(flags({}, 1U << 5) == "(Later)");
  // A name that is no atom, however it got there, is never sent; nor is a bit without a name.
  CHECK(flags(Flag::draft, ~KeywordMask{0}) == "(\\Draft $Junk Later)");
}

TEST_CASE("writer: numbers, sets and dates") {
  UidSet set = UidSet::of(1, 3);
  set.add(7);
  set.add(4294967295U);
  CHECK(written([&](std::string& out) { append_uid_set(out, set); }) == "1:3,7,4294967295");
  CHECK(written([](std::string& out) { append_literal_header(out, UINT64_MAX); }) == "{18446744073709551615}\r\n");
  CHECK(written([](std::string& out) {
          append_date_time(out, {837596665, -420});
        }) == "\"17-Jul-1996 02:44:25 -0700\"");
}

TEST_CASE("writer: text of a response stays on its line") {
  const auto text = [](std::string_view value) { return written([&](std::string& out) { append_text(out, value); }); };
  CHECK(text("Done") == "Done");
  CHECK(text("a\r\nb\0\xFF"s) == "a??b??");
  CHECK(text("[ALERT] x") == "(ALERT] x");
  CHECK(text("") == "-");
}
