#include "message/header.h"

#include <catch2/catch.hpp>

namespace postfach::message {
namespace {

std::vector<std::string> names_of(std::string_view block) {
  std::vector<std::string> names;
  for_each_field(block, [&](const HeaderField& field) {
    names.emplace_back(field.name);
    return true;
  });
  return names;
}

TEST_CASE("fields of a header block") {
  using Names = std::vector<std::string>;
  CHECK(names_of("A: 1\r\nB: 2\r\n\r\nC: 3\r\n") == Names{"A", "B"});
  CHECK(names_of("A: 1\nB: 2\n\nC: 3\n") == Names{"A", "B"});
  CHECK(names_of("A: 1\r\nB: 2") == Names{"A", "B"});
  CHECK(names_of("A : 1\r\nB\t : 2\r\n") == Names{"A", "B"});
  CHECK(names_of("A: 1\r\n\tB: 2\r\n C: 3\r\nD:\r\n") == Names{"A", "D"});
  CHECK(names_of("From x@y Mon Jan 10:00\r\nA: 1\r\nno field\r\n B: 2\r\n: 3\r\nD: 4\r\n") == Names{"A", "D"});
  CHECK(names_of("\r\nA: 1\r\n").empty());
  CHECK(names_of("").empty());
}

TEST_CASE("lines of a header block that are no field") {
  std::vector<std::string> lines;
  for_each_line("no field\r\n with a fold\r\nA: 1\r\ntwo words: x\r\nlast", [&](const HeaderField& line) {
    lines.push_back(std::string(line.name) + "|" + std::string(line.whole));
    return lines.size() < 4;
  });
  CHECK(lines == std::vector<std::string>{"|no field\r\n with a fold\r\n", "A|A: 1\r\n", "|two words: x\r\n", "|last"});
}

TEST_CASE("a field's parts are views of the block") {
  const std::string block = "A: 1\r\nSubject:  one\r\n\ttwo \r\nsubject: three\r\n\r\n";
  const std::optional<HeaderField> field = find_field(block, "SUBJECT");
  REQUIRE(field);
  CHECK(field->name == "Subject");
  CHECK(field->value == "  one\r\n\ttwo ");
  CHECK(field->whole == "Subject:  one\r\n\ttwo \r\n");
  CHECK_FALSE(find_field(block, "Subj"));
  CHECK(find_field("A: x", "a")->value == " x");
}

TEST_CASE("HEADER.FIELDS and HEADER.FIELDS.NOT") {
  const std::string block = "To: a\r\nDATE: b\r\n  c\r\njunk\r\nFrom : d\r\ndate: e\r\n\r\n";
  CHECK(filter_header(block, {"Date", "From"}, false) == "DATE: b\r\n  c\r\nFrom : d\r\ndate: e\r\n\r\n");
  // A line that is no field stays: left out of both, it would be lost to a client that asks for the two halves.
  CHECK(filter_header(block, {"Date", "From"}, true) == "To: a\r\njunk\r\n\r\n");
  CHECK(filter_header(block, {"Dat", "Datex"}, false) == "\r\n");
  CHECK(filter_header(block, {}, true) == "To: a\r\nDATE: b\r\n  c\r\njunk\r\nFrom : d\r\ndate: e\r\n\r\n");
  CHECK(filter_header("A: 1\nB: 2\n\n", {"b"}, false) == "B: 2\n\n");
  // RFC 9051 §6.4.5.1: no blank line if the message has none.
  CHECK(filter_header("A: 1\r\nB: 2\r\n", {"A"}, false) == "A: 1\r\n");
}

TEST_CASE("unfolding") {
  CHECK(unfold(" one\r\n two\r\n\tthree ") == "one two\tthree");
  CHECK(unfold("one\n  two") == "one  two");
  CHECK(unfold("\r\n one\r\n") == "one");
  CHECK(unfold(" \r\n ").empty());
  CHECK(unfold("bare\rreturn") == "bare\rreturn");
}

}  // namespace
}  // namespace postfach::message
