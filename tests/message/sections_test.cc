#include "message/sections.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support.h"

namespace postfach::message {
namespace {

TEST_CASE("sections of a message that is not multipart") {
  const std::string message = crlf("Subject: x\n\nbody\n");
  CHECK(section(message, "") == message);
  CHECK(section(message, "HEADER") == "Subject: x\r\n\r\n");
  CHECK(section(message, "TEXT") == "body\r\n");
  CHECK(section(message, "1") == "body\r\n");
  CHECK(section(message, "1.MIME") == "Subject: x\r\n\r\n");
  for (const char* name : {"MIME", "0", "2", "1.1", "1.HEADER", "1.TEXT", "1.1.MIME"}) {
    INFO(name);
    CHECK(section(message, name) == "none");
  }
}

// The shape of the example in RFC 9051 §6.4.5.1.
const std::string kNested = crlf(
    "Subject: root\nContent-Type: multipart/mixed; boundary=a\n\n"
    "--a\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n1\n"
    "--a\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: BASE64\n\n2\n"
    "--a\nContent-Type: message/rfc822\n\n"
    "Subject: 3\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\n\n3.1\n--b\nX: y\n\n3.2\n--b--\nepi\n"
    "--a\nContent-Type: multipart/mixed; boundary=c\n\n"
    "--c\nContent-Type: image/gif\n\n4.1\n"
    "--c\nContent-Type: message/rfc822\n\nSubject: 4.2\nContent-Type: text/html\n\n4.2.1\n"
    "--c--\n"
    "--a--\n");

TEST_CASE("sections of nested parts") {
  const struct {
    const char* name;
    const char* text;
  } cases[] = {
      {"HEADER", "Subject: root\nContent-Type: multipart/mixed; boundary=a\n\n"},
      {"1", "1"},
      {"1.MIME", "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n"},
      {"2", "2"},
      {"3", "Subject: 3\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\n\n3.1\n--b\nX: y\n\n3.2\n--b--\nepi"},
      {"3.MIME", "Content-Type: message/rfc822\n\n"},
      {"3.HEADER", "Subject: 3\nContent-Type: multipart/mixed; boundary=b\n\n"},
      {"3.TEXT", "pre\n--b\n\n3.1\n--b\nX: y\n\n3.2\n--b--\nepi"},
      {"3.1", "3.1"},
      {"3.1.MIME", "\n"},
      {"3.2", "3.2"},
      {"3.2.MIME", "X: y\n\n"},
      {"4.MIME", "Content-Type: multipart/mixed; boundary=c\n\n"},
      {"4.1", "4.1"},
      {"4.2.MIME", "Content-Type: message/rfc822\n\n"},
      {"4.2.HEADER", "Subject: 4.2\nContent-Type: text/html\n\n"},
      {"4.2.TEXT", "4.2.1"},
      {"4.2.1", "4.2.1"},
      {"4.2.1.MIME", "Subject: 4.2\nContent-Type: text/html\n\n"},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    CHECK(section(kNested, each.name) == crlf(each.text));
  }
  for (const char* name : {"0", "5", "1.1", "1.HEADER", "1.TEXT", "2.1", "3.0", "3.3", "3.1.1", "3.1.HEADER",
                           "4.HEADER", "4.TEXT", "4.3", "4.2.2", "4.2.1.1", "4.2.1.HEADER", "4294967295"}) {
    INFO(name);
    CHECK(section(kNested, name) == "none");
  }
}

TEST_CASE("a message whose body is a message") {
  const std::string message = crlf("Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: in\n\nx");
  CHECK(section(message, "1.HEADER") == "Content-Type: message/rfc822\r\n\r\n");
  CHECK(section(message, "1.1.HEADER") == "Subject: in\r\n\r\n");
  CHECK(section(message, "1.1.TEXT") == "x");
  CHECK(section(message, "1.1.1") == "x");
  CHECK(section(message, "1.1.1.1") == "none");
  CHECK(section(message, "2") == "none");
}

TEST_CASE("a node says what its octets are") {
  const Parsed parsed = parse(kNested);
  const Sections sections(parsed.sections);
  const auto part = [&](std::string_view name) { return sections.part(parse_path(name).numbers); };

  CHECK(part("")->kind == PartKind::multipart);
  CHECK(part("")->section.empty());
  const Part text = *part("1");
  CHECK(text.kind == PartKind::leaf);
  CHECK(text.is_text);
  CHECK_FALSE(text.is_html);
  CHECK(text.encoding == TransferEncoding::quoted_printable);
  CHECK(text.charset == "utf-8");
  CHECK(text.lines == 0);
  CHECK(text.section == "1");
  CHECK(part("2")->encoding == TransferEncoding::base64);
  CHECK_FALSE(part("2")->is_text);
  CHECK(part("3")->kind == PartKind::message);
  CHECK(part("3")->lines == 12);
  CHECK(part("4.2.1")->is_html);
  CHECK(part("4.2.1")->charset.empty());
  CHECK(part("4.2.1")->section == "4.2.1");
  CHECK_FALSE(part("5"));
}

TEST_CASE("all parts in the order of the message") {
  const auto names = [](const std::string& message) {
    std::string out;
    for (const Part& part : Sections(parse(message).sections).parts()) {
      out += part.section + ":" + std::to_string(static_cast<int>(part.kind)) + " ";
    }
    return out;
  };
  // 3 stands for the multipart message in part 3: what is searched there is its header.
  CHECK(names(kNested) == "1:0 2:0 3:1 3.1:0 3.2:0 4.1:0 4.2.1:0 ");
  CHECK(names("A: b\r\n\r\nx") == ":0 ");
  CHECK(names(crlf("Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: in\n\nx")) ==
        "1.1:2 1.1.1:0 ");
}

TEST_CASE("every node, with what is around the parts") {
  const auto list = [](const std::string& message) {
    std::string out;
    for (const Part& node : Sections(parse(message).sections).nodes()) {
      out += node.section + ":" + std::to_string(static_cast<int>(node.kind)) + "=" +
             message.substr(node.header.offset, std::min<std::size_t>(node.header.size, 10)) + "|";
    }
    return out;
  };
  CHECK(list("A: b\r\n\r\nx") == ":0=A: b\r\n\r\n|");
  CHECK(list("") == ":0=|");
  // The part 3 and the multipart message in it; the part 4.2, and the message in it that is its 4.2.1.
  CHECK(list(kNested) ==
        ":1=Subject: r|1:0=Content-Ty|2:0=Content-Ty|3:2=Content-Ty|3:1=Subject: 3|3.1:0=\r\n|3.2:0=X: y\r\n\r\n|"
        "4:1=Content-Ty|4.1:0=Content-Ty|4.2:2=Content-Ty|4.2.1:0=Subject: 4|");
  CHECK(list(crlf("A: 1\nContent-Type: message/rfc822\n\nB: 2\nContent-Type: message/rfc822\n\nSubject: in\n\nx")) ==
        ":2=A: 1\r\nCont|1.1:2=B: 2\r\nCont|1.1.1:0=Subject: i|");
}

TEST_CASE("the nodes are the parts and their containers, in the order of the message") {
  for (const std::string& message : {kNested, std::string("A: b\r\n\r\nx")}) {
    const Parsed parsed = parse(message);
    const Sections sections(parsed.sections);
    const std::vector<Part> nodes = sections.nodes();
    std::uint64_t before = 0;
    for (const Part& node : nodes) {
      CHECK(node.header.offset >= before);
      CHECK(node.body.offset + node.body.size <= message.size());
      before = node.header.offset;
    }
    auto next = nodes.begin();
    for (const Part& part : sections.parts()) {
      next = std::find_if(next, nodes.end(), [&part](const Part& node) {
        return node.header == part.header && node.body == part.body && node.section == part.section;
      });
      REQUIRE(next != nodes.end());
      ++next;
    }
  }
}

TEST_CASE("damaged sections yield nothing, and never a range outside the message") {
  const Parsed parsed = parse(kNested);
  const auto check = [&](std::string_view packed) {
    const std::vector<char> copy(packed.begin(), packed.end());
    const Sections sections(std::string_view(copy.data(), copy.size()));
    const std::optional<Range> all = sections.find({}, SectionPart::all);
    for (const char* name : {"HEADER", "TEXT", "1", "1.MIME", "3.HEADER", "3.1", "4.2.1", "4.2.TEXT", "9"}) {
      const Path path = parse_path(name);
      const std::optional<Range> range = sections.find(path.numbers, path.part);
      if (!range) continue;
      REQUIRE(all);
      CHECK(range->offset <= all->size);
      CHECK(range->size <= all->size - range->offset);
    }
    CHECK(sections.parts().size() <= copy.size());
    const std::vector<Part> nodes = sections.nodes();
    CHECK(nodes.size() <= copy.size());
    for (const Part& node : nodes) {
      CHECK(node.body.offset <= all->size);
      CHECK(node.body.size <= all->size - node.body.offset);
    }
  };
  for (std::size_t size = 0; size < parsed.sections.size(); ++size) {
    check(std::string_view(parsed.sections).substr(0, size));
    for (const int octet : {0, 1, 0x7F, 0x80, 0xFF}) {
      std::string damaged = parsed.sections;
      damaged[size] = static_cast<char>(octet);
      check(damaged);
    }
  }
  check(std::string(100'000, '\xFF'));
  check(std::string(100'000, '\1'));
  CHECK_FALSE(Sections("").find({}, SectionPart::all));
}

}  // namespace
}  // namespace postfach::message
