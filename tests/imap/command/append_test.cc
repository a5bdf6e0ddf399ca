#include "imap/command/append.h"

#include <catch2/catch.hpp>
#include <string>

#include "imap/command/head.h"

namespace {

using namespace postfach;
using namespace postfach::imap;

std::optional<Append> parse(const std::string& arguments) {
  Scanner in(arguments);
  auto append = parse_append(in);
  CHECK(append.has_value() == in.error().empty());
  return append;
}

}  // namespace

TEST_CASE("APPEND: which literal is the message") {
  CHECK(literal_use("a APPEND INBOX {310}") == LiteralUse::append_message);
  CHECK(literal_use("a append \"x y\" (\\Seen) {310+}") == LiteralUse::append_message);
  CHECK(literal_use("a APPEND {5}\r\nINBOX {310}") == LiteralUse::append_message);
  CHECK(literal_use("a APPEND {5}\r\nINBOX (\\Nope {310}") == LiteralUse::append_message);  // refused when it is parsed
  CHECK(literal_use("a APPEND {5}") == LiteralUse::argument);
  CHECK(literal_use("a APPEND {5+}") == LiteralUse::argument);
  CHECK(literal_use("a LOGIN {5}") == LiteralUse::argument);
  CHECK(literal_use("a APPENDX x {5}") == LiteralUse::argument);
  CHECK(literal_use("a UID APPEND x {5}") == LiteralUse::argument);
  CHECK(literal_use("{5}") == LiteralUse::argument);
  CHECK(literal_use("") == LiteralUse::argument);
}

TEST_CASE("APPEND: arguments") {
  const auto append = parse(" inbox (\\Seen $Junk) \"17-Jul-1996 02:44:25 -0700\" {310+}");
  REQUIRE(append);
  CHECK(append->mailbox == "INBOX");
  CHECK(append->flags == FlagList{Flag::seen, {"$Junk"}});
  CHECK(append->internal_date == DateTime{837596665, -420});
  CHECK(append->size == 310);

  CHECK(parse(" x {0}")->size == 0);
  CHECK(parse(" {3}\r\na b () {1}")->mailbox == "a b");
  CHECK(parse(" x \" 1-Jan-2000 00:00:00 +0000\" {1}")->internal_date);
  CHECK_FALSE(parse(" x {1}")->internal_date);
  CHECK(parse(" x ~{5}")->size == 5);

  for (const char* text : {"", " x", " x ", " {310}", " x (\\Seen)", " x (\\Seen){1}", " x \"today\" {1}", " x (a {1}",
                           " x \"17-Jul-1996 02:44:25 -0700\" (\\Seen) {1}", " x y {1}", " x {1} ", " x {x}"}) {
    INFO(text);
    CHECK_FALSE(parse(text));
  }
}
