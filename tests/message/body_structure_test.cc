#include "message/body_structure.h"

#include <catch2/catch.hpp>
#include <string>

namespace postfach::message {
namespace {

TEST_CASE("BODY is BODYSTRUCTURE without extension data") {
  const struct {
    const char* structure;
    const char* body;
  } cases[] = {
      {R"(("text" "plain" NIL NIL NIL "7bit" 3 1 NIL NIL NIL NIL))", R"(("text" "plain" NIL NIL NIL "7bit" 3 1))"},
      {R"(("TEXT" "x" ("a" "b") "i" "d" "7bit" 3 1 "m" ("inline" ("f" "g")) ("en") "l"))",
       R"(("TEXT" "x" ("a" "b") "i" "d" "7bit" 3 1))"},
      {R"~(("image" "gif" NIL NIL NIL "base64" 3 NIL ("attachment" ("n" "a)b")) NIL NIL))~",
       R"(("image" "gif" NIL NIL NIL "base64" 3))"},
      {"(\"image\" \"gif\" (\"n\" {6}\r\n)\"\r\n( \"x\" \"\\\")\") NIL NIL \"7bit\" 3 NIL NIL NIL {2}\r\n))",
       "(\"image\" \"gif\" (\"n\" {6}\r\n)\"\r\n( \"x\" \"\\\")\") NIL NIL \"7bit\" 3)"},
      {R"((("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL)("image" "gif" NIL NIL NIL "7bit" 1 NIL NIL NIL NIL))"
       R"( "mixed" ("boundary" "x") ("inline" NIL) NIL "l"))",
       R"((("text" "plain" NIL NIL NIL "7bit" 0 0)("image" "gif" NIL NIL NIL "7bit" 1) "mixed"))"},
      {R"(((("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL) "a" NIL NIL NIL NIL) "b" NIL NIL NIL NIL))",
       R"(((("text" "plain" NIL NIL NIL "7bit" 0 0) "a") "b"))"},
      {R"~((("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL "s)" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL NIL))~"
       R"( (("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL) "a" NIL NIL NIL NIL) 7 "m" NIL NIL NIL) "b" NIL NIL NIL NIL))",
       R"~((("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL "s)" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL NIL))~"
       R"( (("text" "plain" NIL NIL NIL "7bit" 0 0) "a") 7) "b"))"},
      {R"(("message" "delivery-status" NIL NIL NIL "7bit" 9 NIL NIL NIL NIL))",
       R"(("message" "delivery-status" NIL NIL NIL "7bit" 9))"},
  };
  for (const auto& each : cases) {
    INFO(each.structure);
    CHECK(body_from_body_structure(each.structure) == each.body);
  }
}

TEST_CASE("a cut or foreign text neither hangs nor is read beyond its end") {
  const std::string whole =
      "((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 (NIL {3}\r\na)b) (\"text\" \"p\\\"\" NIL NIL NIL \"7bit\" 0 0 "
      "NIL)"
      " 7 NIL) \"b\" NIL)";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(body_from_body_structure(std::string_view(cut.data(), cut.size())).size() <= 2 * whole.size());
  }
  CHECK(body_from_body_structure("nonsense").empty());
  CHECK(body_from_body_structure(std::string(100'000, '(')).size() < 400'000);
}

}  // namespace
}  // namespace postfach::message
