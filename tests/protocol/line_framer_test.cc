#include "protocol/line_framer.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::protocol {
namespace {

using Status = LineFramer::Status;

// All lines of the input, cut into pieces of the given size; "!" for one that is too long.
std::vector<std::string> lines_of(std::string_view input, std::size_t piece, std::size_t max_line) {
  LineFramer framer(max_line);
  std::vector<std::string> lines;
  while (!input.empty()) {
    const LineFramer::Piece got = framer.next(input.substr(0, piece));
    REQUIRE(got.taken > 0);
    REQUIRE(got.taken <= piece);
    if (got.status == Status::line) lines.emplace_back(got.line);
    if (got.status == Status::too_long) lines.emplace_back("!");
    input.remove_prefix(got.taken);
  }
  return lines;
}

TEST_CASE("lines are the same however they are cut") {
  using Lines = std::vector<std::string>;
  struct Row {
    std::string_view input;
    Lines lines;
  };
  const Row rows[] = {
      {"", {}},
      {"NOOP", {}},
      {"NOOP\r\n", {"NOOP"}},
      {"NOOP\nQUIT\r\n", {"NOOP", "QUIT"}},
      {"\r\n\n", {"", ""}},
      {"a\rb\r\n", {"a\rb"}},
      {"a\r\r\n", {"a\r"}},
      {std::string_view("a\0b\n", 4), {std::string("a\0b", 3)}},
      {"12345678\r\n", {"12345678"}},
      {"12345678\n", {"12345678"}},
      {"123456789\n", {"!"}},
      {"123456789\r\nx\r\n", {"!", "x"}},
      {"12345678\r9\r\nx\r\n", {"!", "x"}},
      {"12345678\r\r\nx\r\n", {"!", "x"}},
      {"1234567890123456789012345678901234567890", {"!"}},
      {"123456789012345678901\n123456789012345678\n\n", {"!", "!", ""}},
  };
  for (const Row& row : rows) {
    for (std::size_t piece = 1; piece <= row.input.size() + 1; ++piece) {
      INFO(row.input << " in pieces of " << piece);
      CHECK(lines_of(row.input, piece, 8) == row.lines);
    }
  }
}

TEST_CASE("a line in one piece is not copied") {
  LineFramer framer(100);
  const std::string input = "RETR 1\r\nRETR 2\r\n";
  const LineFramer::Piece got = framer.next(input);
  CHECK(got.line.data() == input.data());
  CHECK(got.taken == 8);
}

}  // namespace
}  // namespace postfach::protocol
