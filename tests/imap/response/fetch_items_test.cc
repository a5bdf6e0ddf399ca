#include "imap/response/fetch_items.h"

#include <catch2/catch.hpp>
#include <string>

#include "message/parser.h"

namespace {

using namespace postfach;
using namespace postfach::imap;

BodyItem section(const std::string& text) {
  const std::string arguments = " 1 " + text;
  Scanner in(arguments);
  const auto fetch = parse_fetch(in);
  REQUIRE(fetch);
  return fetch->items.sections.at(0);
}

}  // namespace

TEST_CASE("FETCH response: items of a row") {
  const KeywordNames names{"$Junk", "x\r\n* BYE"};
  MessageView message;
  message.uid = 4827313;
  message.flags = Flag::seen;
  message.keywords = 3;
  message.keyword_names = &names;
  message.internal_date = {837596665, -420};
  message.size = 5'000'000'000;
  const auto parsed = message::parse("Subject: a\"b\r\nFrom: x@y.z\r\n\r\nhello\r\n");
  message.envelope = parsed.envelope;
  message.body_structure = parsed.body_structure;

  const auto written = [&](const FetchItems& items, bool recent) {
    std::string out;
    FetchResponse response(out, 12);
    response.row(items, message, recent);
    response.end();
    return out;
  };
  CHECK(written({.flags = true}, true) == "* 12 FETCH (FLAGS (\\Seen \\Recent $Junk))\r\n");
  CHECK(written({.uid = true, .flags = true, .internal_date = true, .size = true}, false) ==
        "* 12 FETCH (UID 4827313 FLAGS (\\Seen $Junk) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
        "RFC822.SIZE 5000000000)\r\n");
  CHECK(written({.envelope = true}, false) == "* 12 FETCH (ENVELOPE " + parsed.envelope + ")\r\n");
  CHECK(written({.body_structure = true}, false) == "* 12 FETCH (BODYSTRUCTURE " + parsed.body_structure + ")\r\n");
  CHECK(written({.save_date = true}, false) == "* 12 FETCH (SAVEDATE NIL)\r\n");
  message.saved = 837571865;
  CHECK(written({.save_date = true}, false) == "* 12 FETCH (SAVEDATE \"17-Jul-1996 02:51:05 +0000\")\r\n");
  CHECK(written({.preview = true}, false) == "* 12 FETCH (PREVIEW \"\")\r\n");
  message.preview = "\xC3\xA4";
  CHECK(written({.uid = true, .preview = true}, false) == "* 12 FETCH (UID 4827313 PREVIEW {2}\r\n\xC3\xA4)\r\n");
  message.email_id = "M6d99ac3275bb4e";
  CHECK(written({.email_id = true, .thread_id = true}, false) ==
        "* 12 FETCH (EMAILID (M6d99ac3275bb4e) THREADID NIL)\r\n");
  message.thread_id = "T64b478a75b7ea9";
  CHECK(written({.size = true, .thread_id = true}, false) ==
        "* 12 FETCH (RFC822.SIZE 5000000000 THREADID (T64b478a75b7ea9))\r\n");
  const std::string body = written({.body = true}, false);
  CHECK(body.starts_with("* 12 FETCH (BODY (\"text\" \"plain\""));
  CHECK(body.size() < parsed.body_structure.size() + 20);  // without the extension data
}

TEST_CASE("FETCH response: a section comes back under the name it was asked for") {
  struct Row {
    const char* item;
    const char* label;
  };
  for (const Row& row :
       {Row{"BODY[]", "BODY[]"}, Row{"BODY.PEEK[]<0.100>", "BODY[]<0>"}, Row{"body[1.2.mime]", "BODY[1.2.MIME]"},
        Row{"BODY[TEXT]<5.1>", "BODY[TEXT]<5>"}, Row{"BODY.PEEK[3.HEADER]", "BODY[3.HEADER]"},
        Row{"BODY[HEADER.FIELDS (A B)]<0.9>", "BODY[HEADER.FIELDS (A B)]<0>"},
        Row{"BODY[1.HEADER.FIELDS.NOT (\"To\" \"x[y\")]", "BODY[1.HEADER.FIELDS.NOT (To \"x[y\")]"},
        Row{"RFC822", "RFC822"}, Row{"RFC822.HEADER", "RFC822.HEADER"}, Row{"RFC822.TEXT", "RFC822.TEXT"},
        Row{"BINARY.PEEK[1.2]<3.4>", "BINARY[1.2]<3>"}, Row{"binary[]", "BINARY[]"},
        Row{"BINARY.SIZE[7]", "BINARY.SIZE[7]"}}) {
    INFO(row.item);
    std::string out;
    append_label(out, section(row.item));
    CHECK(out == row.label);
  }
}

TEST_CASE("FETCH response: octets follow their count") {
  std::string out;
  FetchResponse response(out, 1);
  response.uid(7);
  response.octets(section("BODY[]"), 5);
  out += "a)\r\nb";
  response.text(section("BODY[HEADER.FIELDS (A)]"), "\r\n");
  response.nil(section("BODY[9]"));
  response.size(section("BINARY.SIZE[2]"), 12);
  std::string rest;
  response.go_on(rest);
  response.octets(section("BINARY[2]"), 1, true);
  rest += '\0';
  response.end();
  CHECK(rest == std::string(" BINARY[2] ~{1}\r\n\0)\r\n", 21));
  CHECK(out ==
        "* 1 FETCH (UID 7 BODY[] {5}\r\na)\r\nb BODY[HEADER.FIELDS (A)] {2}\r\n\r\n BODY[9] NIL BINARY.SIZE[2] 12");
}

TEST_CASE("FETCH response: only the columns that are needed are read") {
  CHECK(fields_for({.flags = true, .internal_date = true, .size = true}) == Field::none);
  CHECK(fields_for({.envelope = true}) == Field::envelope);
  CHECK(fields_for({.body = true}) == Field::body_structure);
  CHECK(fields_for({.save_date = true}) == Field::none);
  CHECK(fields_for({.preview = true}) == Field::preview);
  CHECK(fields_for({.sections = {BodyItem{}}}) == Field::sections);
}
