#include "imap/command/fetch.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using namespace postfach::imap;
using Text = Section::Text;

std::optional<FetchItems> items(const std::string& text) {
  const std::string arguments = " 1 " + text;
  Scanner in(arguments);
  auto fetch = parse_fetch(in);
  INFO(text);
  CHECK(fetch.has_value() == in.error().empty());
  if (!fetch) return std::nullopt;
  return std::move(fetch->items);
}
BodyItem only_section(const std::string& text) {
  const auto found = items(text);
  INFO(text);
  REQUIRE(found);
  REQUIRE(found->sections.size() == 1);
  return found->sections.front();
}

}  // namespace

TEST_CASE("FETCH: items and macros") {
  CHECK(items("FLAGS") == FetchItems{.flags = true});
  CHECK(items("(uid Flags)") == FetchItems{.uid = true, .flags = true});
  CHECK(items("FAST") == FetchItems{.flags = true, .internal_date = true, .size = true});
  CHECK(items("ALL") == FetchItems{.flags = true, .internal_date = true, .size = true, .envelope = true});
  CHECK(items("full") ==
        FetchItems{.flags = true, .internal_date = true, .size = true, .envelope = true, .body = true});
  CHECK(items("(EmailID THREADID)") == FetchItems{.email_id = true, .thread_id = true});
  CHECK(items("BODY") == FetchItems{.body = true});
  CHECK(items("(BODY BODYSTRUCTURE)") == FetchItems{.body = true, .body_structure = true});
}

TEST_CASE("FETCH: sections") {
  CHECK(only_section("BODY[]") == BodyItem{});
  CHECK(only_section("body.peek[]") == BodyItem{.peek = true});
  CHECK(only_section("BODY[1.22.333]").section.path == std::vector<std::uint32_t>{1, 22, 333});
  CHECK(only_section("BODY[HEADER]").section.text == Text::header);
  CHECK(only_section("BODY[4.TEXT]").section == Section{.path = {4}, .text = Text::text});
  CHECK(only_section("BODY[1.2.mime]").section == Section{.path = {1, 2}, .text = Text::mime});
  CHECK(only_section("BODY.PEEK[HEADER.FIELDS (From \"To\" {2}\r\nCc)]").section ==
        Section{.text = Text::header_fields, .fields = {"From", "To", "Cc"}});
  CHECK(only_section("BODY[2.HEADER.FIELDS.NOT (X)]").section ==
        Section{.path = {2}, .text = Text::header_fields_not, .fields = {"X"}});
  CHECK(only_section("BODY[]<0.393216>").partial == Partial{0, 393216});
  CHECK(only_section("BODY[1]<9223372036854775807.1>").partial == Partial{9223372036854775807ULL, 1});
  CHECK(only_section("(BODY[] BODY[])") == BodyItem{});
}

TEST_CASE("FETCH: the names of RFC 822") {
  CHECK(only_section("RFC822").label == BodyItem::Label::rfc822);
  CHECK_FALSE(only_section("RFC822").peek);
  CHECK(only_section("RFC822.HEADER").peek);
  CHECK(only_section("RFC822.HEADER").section.text == Text::header);
  CHECK(only_section("RFC822.TEXT").section.text == Text::text);
  CHECK(items("RFC822.SIZE") == FetchItems{.size = true});
}

TEST_CASE("FETCH: BINARY, PREVIEW and SAVEDATE") {
  using Label = BodyItem::Label;
  CHECK(only_section("BINARY[1.2]") == BodyItem{.label = Label::binary, .section = {.path = {1, 2}}});
  CHECK(only_section("binary.peek[]<5.6>") == BodyItem{.label = Label::binary, .peek = true, .partial = Partial{5, 6}});
  CHECK(only_section("BINARY.SIZE[3]") ==
        BodyItem{.label = Label::binary_size, .peek = true, .section = {.path = {3}}});
  CHECK(items("BINARY[1]")->has_binary());
  CHECK_FALSE(items("BODY[1]")->has_binary());
  CHECK(items("(BODY[1] BINARY[1] BINARY.SIZE[1])")->sections.size() == 3);
  CHECK(items("SAVEDATE") == FetchItems{.save_date = true});
  for (const char* text :
       {"PREVIEW", "(PREVIEW)", "preview (lazy)", "(PREVIEW (LAZY) PREVIEW)", "PREVIEW (LAZY LAZY)"}) {
    INFO(text);
    CHECK(items(text) == FetchItems{.preview = true});
  }
  CHECK(items("(PREVIEW (LAZY) UID)") == FetchItems{.uid = true, .preview = true});
  for (const char* text :
       {"BINARY", "BINARY.PEEK", "BINARY.SIZE", "BINARY[1.]", "BINARY[TEXT]", "BINARY[1.MIME]", "BINARY.SIZE[1]<0.1>",
        "BINARY[1]<0.0>", "BINARY[0]", "SAVEDATE[1]", "SAVEDATEX", "PREVIEW ()", "PREVIEW(LAZY)", "PREVIEW (LAZY",
        "PREVIEW (LAZYX)", "PREVIEW  (LAZY)", "PREVIEW (LAZY) UID"}) {
    INFO(text);
    CHECK_FALSE(items(text));
  }
}

TEST_CASE("FETCH: what sets \\Seen") {
  CHECK(items("BODY[]")->sets_seen());
  CHECK(items("(BODY.PEEK[] RFC822.TEXT)")->sets_seen());
  CHECK(items("BINARY[1]")->sets_seen());
  CHECK_FALSE(items("(BINARY.PEEK[1] BINARY.SIZE[1] PREVIEW SAVEDATE)")->sets_seen());
  CHECK_FALSE(items("(BODY.PEEK[] RFC822.HEADER BODY FLAGS)")->sets_seen());
}

TEST_CASE("FETCH: invalid") {
  for (const char* text : {"",
                           "()",
                           "(FLAGS",
                           "FLAGS UID",
                           "(FLAGS  UID)",
                           "(ALL)",
                           "NOPE",
                           "BODY.PEEK",
                           "BODY[",
                           "BODY[1",
                           "BODY[1.]",
                           "BODY[.1]",
                           "BODY[0]",
                           "BODY[01]",
                           "BODY[1..2]",
                           "BODY[4294967296]",
                           "BODY[MIME]",
                           "BODY[HEADER.1]",
                           "BODY[1.HEADER.FIELDS]",
                           "BODY[HEADER.FIELDS ()]",
                           "BODY[HEADER.FIELDS (a]",
                           "BODY[HEADER.FIELDS (\"a b\")]",
                           "BODY[HEADER.FIELDS (\"\")]",
                           "BODY[HEADER.FIELDS ({4}\r\na\r\nb)]",
                           "BODY[HEADER.FIELDS ({2}\r\n\xC3\xA4)]",
                           "BODY[NOPE]",
                           "BODY[TEXTX]",
                           "BODY[]<1>",
                           "BODY[]<1.0>",
                           "BODY[]<.1>",
                           "BODY[]<1.2",
                           "BODY[]<-1.2>",
                           "BODY[]<9223372036854775808.1>",
                           "BODYSTRUCTURE[1]",
                           "RFC822.PEEK",
                           "FLAGS)"}) {
    INFO(text);
    CHECK_FALSE(items(text));
  }
  Scanner in(" FLAGS");
  CHECK_FALSE(parse_fetch(in));
}

TEST_CASE("FETCH: limits") {
  std::string deep = "BODY[1";
  for (int i = 0; i < 99; ++i) deep += ".1";
  CHECK(items(deep + "]"));
  CHECK_FALSE(items(deep + ".1]"));

  std::string fields = "BODY[HEADER.FIELDS (a";
  for (int i = 0; i < 300; ++i) fields += " a";
  CHECK_FALSE(items(fields + ")]"));

  std::string sections = "(BODY[1]";
  for (int i = 2; i <= 101; ++i) sections += " BODY[" + std::to_string(i) + "]";
  CHECK_FALSE(items(sections + ")"));
}
