#include "migrate/imap_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace postfach;
using namespace postfach::migrate;

namespace {

struct Read {
  std::vector<ImapResponse> responses;
  std::vector<std::string> messages;
  bool failed = false;
};

Read read(std::string_view octets, std::size_t piece) {
  Read out;
  ImapReader reader;
  while (!octets.empty()) {
    auto part = octets.substr(0, piece);
    octets.remove_prefix(part.size());
    for (;;) {
      auto step = reader.next(part);
      if (!step) {
        out.failed = true;
        return out;
      }
      part.remove_prefix(step->taken);
      if (step->event == ImapReader::Event::more) break;
      if (step->event == ImapReader::Event::response) out.responses.push_back(reader.response());
      if (step->event == ImapReader::Event::message) {
        if (step->is_first) out.messages.emplace_back();
        out.messages.back() += step->octets;
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("Responses are the same wherever they are cut") {
  const std::string octets =
      "* OK [CAPABILITY IMAP4rev1] ready {3}\r\n"
      "* LIST (\\HasNoChildren \\Sent) \"/\" \"a \\\"b\\\"\"\r\n"
      "* LIST () \"/\" {5}\r\na\r\nbc\r\n"
      "* 3 FETCH (UID 7 FLAGS (\\Seen work) BODY[] {12}\r\n)\r\nA1 OK x\r\n INTERNALDATE \" 1-Mar-2020 12:30:00 "
      "+0000\")\r\n"
      "* 4 FETCH (UID 8 BODY[] {0}\r\n)\r\n"
      "+ go on\r\n"
      "p1 NO [NOPERM] not here\r\n";
  for (const std::size_t piece : {1UL, 2UL, 7UL, 1000UL}) {
    const auto found = read(octets, piece);
    REQUIRE(found.responses.size() == 7);
    CHECK(found.responses[0].code("capability") == "IMAP4rev1");
    CHECK(found.responses[1].values[2].text == "a \"b\"");
    CHECK(found.responses[1].values[0].items[1].is_atom("\\SENT"));
    CHECK(found.responses[2].values[2].text == "a\r\nbc");
    CHECK(found.responses[3].number == 3);
    CHECK(found.responses[3].values[0].items[3].items[1].text == "work");
    CHECK(found.responses[3].values[0].items.size() == 8);
    CHECK(found.messages == std::vector<std::string>{")\r\nA1 OK x\r\n", ""});
    CHECK(found.responses[5].tag == "+");
    CHECK(found.responses[6].name == "NO");
    CHECK(found.responses[6].code("NOPERM").empty());
  }
}

TEST_CASE("What makes no sense or would take too much is refused") {
  CHECK(read("* LIST (\r\n", 100).failed);
  CHECK(read("* LIST ) x\r\n", 100).failed);
  CHECK(read("* LIST () \"/\" \"x\r\n", 100).failed);
  CHECK(read("\r\n", 100).failed);
  CHECK(read("* LIST () \"/\" {99999999}\r\n", 100).failed);
  CHECK(read("* X " + std::string(100, '(') + std::string(100, ')') + "\r\n", 100).failed);
  CHECK(read("* X " + std::string(2 * 1024 * 1024, 'x'), 4096).failed);
}
