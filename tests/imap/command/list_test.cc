#include "imap/command/list.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

using namespace postfach::imap;

namespace {

std::optional<List> list(const std::string& text) {
  Scanner in(text);
  auto result = parse_list(in);
  CHECK(result.has_value() == in.error().empty());
  return result;
}

std::string list_error(const std::string& text) {
  Scanner in(text);
  parse_list(in);
  return std::string(in.error());
}

std::optional<List> lsub(const std::string& text) {
  Scanner in(text);
  return parse_lsub(in);
}

using Patterns = std::vector<std::string>;

}  // namespace

TEST_CASE("LIST: the basic syntax") {
  const auto plain = list(" \"\" %");
  REQUIRE(plain);
  CHECK(plain->reference.empty());
  CHECK(plain->patterns == Patterns{"%"});
  CHECK_FALSE(plain->is_extended);
  CHECK(list(" \"\" \"\"")->asks_root);
  CHECK(list(" \"\" \"\"")->patterns.empty());
  CHECK(list(" a/ &APw-*")->patterns == Patterns{"\u00FC*"});
  CHECK(list(" Inbox/ InBox ")->reference == "Inbox/");
  CHECK(list(" Inbox/ InBox")->patterns == Patterns{"InBox"});
  CHECK(list(" \"\" R&D*")->patterns.empty());
  CHECK_FALSE(list(" \"\" R&D*")->asks_root);
}

TEST_CASE("LIST: the extended syntax") {
  CHECK(list(" () \"\" *")->is_extended);
  CHECK(list(" () \"\" *")->selection == ListSelection{});
  CHECK(list(" \"\" (* a \"b c\" {1}\r\nd)")->patterns == Patterns{"*", "a", "b c", "d"});
  CHECK(list(" \"\" (*)")->is_extended);
  CHECK(list(" \"\" (*)")->has_pattern_list);
  CHECK(list(" \"\" * RETURN ()")->is_extended);
  CHECK(list(" \"\" * RETURN ()")->wanted == ListReturn{});
  CHECK(list(" (subscribed Remote RECURSIVEMATCH SPECIAL-USE SUBSCRIBED) \"\" *")->selection ==
        ListSelection{.subscribed = true, .remote = true, .recursive_match = true, .special_use = true});
  CHECK(list(" \"\" * RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES SIZE))")->wanted ==
        ListReturn{.subscribed = true,
                   .children = true,
                   .special_use = true,
                   .status = true,
                   .status_items = {.messages = true, .size = true}});
  CHECK(list(" \"\" * RETURN (STATUS (UNSEEN) STATUS (MESSAGES))")->wanted.status_items ==
        StatusItems{.messages = true, .unseen = true});
  // An empty name is passed over in the extended syntax.
  for (const char* text : {" () \"\" \"\"", " \"\" (\"\")", " \"\" \"\" RETURN ()"}) {
    const auto empty = list(text);
    REQUIRE(empty);
    CHECK_FALSE(empty->asks_root);
    CHECK(empty->patterns.empty());
  }
  CHECK(list(" \"\" (\"\" a)")->patterns == Patterns{"a"});
}

TEST_CASE("LIST: RECURSIVEMATCH is no criterion") {
  for (const char* text : {" (RECURSIVEMATCH) \"\" *", " (REMOTE RECURSIVEMATCH) \"\" *"}) {
    CHECK(list_error(text) == "RECURSIVEMATCH needs another selection option");
  }
  CHECK(list(" (RECURSIVEMATCH SUBSCRIBED) \"\" *"));
  CHECK(list(" (RECURSIVEMATCH SPECIAL-USE) \"\" *"));
}

TEST_CASE("LIST: what is no list") {
  for (const char* text : {"",
                           " \"\"",
                           " \"\" ",
                           " \"\" * x",
                           " (NOPE) \"\" *",
                           " (SPECIAL-USE \"\" *",
                           " \"\" * RETURN",
                           " \"\" * RETURN (NOPE)",
                           " \"\" * RETURN (CHILDREN",
                           " \"\" ()",
                           " \"\" (a",
                           " \"\" (a  b)",
                           " \"\" (a) b",
                           " \"\" * RETURN STATUS",
                           " \"\" * RETURN (STATUS)",
                           " \"\" * RETURN (STATUS ())",
                           " \"\" * RETURN (STATUS (NOPE))",
                           " (SUBSCRIBED)\"\" *",
                           " (CHILDREN) \"\" *",
                           " \"\" * RETURN (RECURSIVEMATCH)",
                           " \"\" * RETURN (REMOTE)",
                           " () () \"\" *",
                           " & *"}) {
    INFO(text);
    CHECK_FALSE(list(text));
  }
}

TEST_CASE("LSUB and XLIST have no options") {
  CHECK(lsub(" \"\" *")->patterns == Patterns{"*"});
  CHECK_FALSE(lsub(" () \"\" *"));
  CHECK_FALSE(lsub(" \"\" (a b)"));
  CHECK_FALSE(lsub(" \"\" * RETURN (CHILDREN)"));
}
