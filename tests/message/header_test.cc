#include "message/header.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

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

std::string found_by(const FieldScan& scan, std::string_view text, bool is_cut, std::size_t& size) {
  std::string found;
  size = scan.scan(text, is_cut, [&](std::size_t number, const HeaderField& field) {
    found += std::to_string(number) + "|" + std::string(field.name) + "|" + std::string(field.value) + "|" +
             std::string(field.whole) + "|";
  });
  return found;
}

TEST_CASE("many fields are found in one pass over a header") {
  // The same, field by field. Lines of all lengths: where a block of octets ends must not matter.
  const std::vector<std::string> names = {"Subject", "from", "X-Sender", "", "sub", "\xC3\xBC", " a"};
  FieldScan scan;
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(scan.add(names[i]) == i);
  const std::vector<std::string> lines = {"Subject: a\r\n",  "FROM : b@example.com\r\n",
                                          "no field\r\n",    " subject: x\r\n",
                                          "sub: c\n",        "\xC3\xBC: d\r\n",
                                          "\r: e\r\n",       "X-Sender: f\r\n\tg\r\n",
                                          "Subjects: h\r\n", "X-Other: " + std::string(70, 'i') + "\r\n"};
  std::uint32_t random = 1;
  const auto below = [&random](std::uint32_t limit) {
    random = random * 1'664'525 + 1'013'904'223;
    return (random >> 16U) % limit;
  };
  for (int round = 0; round < 300; ++round) {
    std::string header;
    for (std::uint32_t count = below(9); count > 0; --count) {
      header += lines[below(static_cast<std::uint32_t>(lines.size()))];
      if (below(2) == 0) header += "X: " + std::string(below(70), 'x') + "\n";
    }
    const std::string block = header + (below(2) == 0 ? "\r\n" : "\n");
    std::string expected;
    for_each_field(block, [&](const HeaderField& field) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        std::string name(field.name);
        for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (name != (i == 0 ? "subject" : i == 2 ? "x-sender" : names[i])) continue;
        expected += std::to_string(i) + "|" + std::string(field.name) + "|" + std::string(field.value) + "|" +
                    std::string(field.whole) + "|";
      }
      return true;
    });
    std::size_t size = 0;
    CHECK(found_by(scan, block + "Subject: body\r\n", true, size) == expected);
    CHECK(size == block.size());
    CHECK(found_by(scan, header, false, size) == expected);
    CHECK(size == 0);
    // What is cut off may be the end of a field: none that might go on is told.
    const std::string cut = header.substr(0, below(static_cast<std::uint32_t>(header.size()) + 1));
    const std::string found = found_by(scan, cut, true, size);
    CHECK(expected.starts_with(found));
    CHECK(size == 0);
  }
  std::size_t size = 0;
  CHECK(found_by(scan, "From: a\r\nFrom: b\r\n", true, size) == "1|From| a|From: a\r\n|");
  CHECK(found_by(scan, "\r\nFrom: a", false, size).empty());
  CHECK(size == 2);
  CHECK(found_by(scan, "", false, size).empty());
  CHECK(size == 0);
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
