#include "imap/response/sort_data.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace postfach;
using namespace postfach::imap;

namespace {

// In pieces of so many octets.
std::string written(const std::vector<ThreadNode>& nodes, std::size_t soft_limit = 1'000'000) {
  ThreadWriter writer(nodes);
  std::string out;
  for (;;) {
    std::string piece;
    const bool is_done = writer.write(piece, soft_limit, [](Uid uid) { return uid; });
    out += piece;
    if (is_done) return out;
  }
}

}  // namespace

TEST_CASE("THREAD response: RFC 5256 §4") {
  CHECK(written({}) == "* THREAD\r\n");
  CHECK(written({{2, 1}}) == "* THREAD (2)\r\n");
  const std::vector<ThreadNode> nodes = {{2, 1}, {3, 7}, {6, 6}, {4, 2}, {23, 1}, {44, 3}, {7, 2}, {96, 1}};
  CHECK(written(nodes) == "* THREAD (2)(3 6 (4 23)(44 7 96))\r\n");
  CHECK(written({{0, 3}, {3, 1}, {5, 1}}) == "* THREAD ((3)(5))\r\n");
  CHECK(written({{0, 5}, {3, 3}, {4, 1}, {6, 1}, {5, 1}, {8, 1}}) == "* THREAD ((3 (4)(6))(5))(8)\r\n");
  for (const std::size_t limit : {std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
    CHECK(written(nodes, limit) == written(nodes));
  }
}

TEST_CASE("THREAD response: parentheses have a bottom, and every message is there") {
  // Each message has two replies, of which the second goes on.
  constexpr Uid kLevels = 3 * ThreadWriter::kDeepest;
  std::vector<ThreadNode> nodes;
  for (Uid level = 0; level < kLevels; ++level) {
    nodes.push_back({2 * level + 1, 2 * (kLevels - level) + 1});
    nodes.push_back({2 * level + 2, 1});
  }
  nodes.push_back({2 * kLevels + 1, 1});
  const std::string text = written(nodes);
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (const char c : text) {
    if (c == '(') deepest = std::max(deepest, ++depth);
    if (c == ')') --depth;
  }
  CHECK(depth == 0);
  CHECK(deepest == ThreadWriter::kDeepest);
  std::vector<unsigned long> numbers;
  for (std::size_t at = text.find_first_of("0123456789"); at != std::string::npos;
       at = text.find_first_of("0123456789", text.find_first_not_of("0123456789", at))) {
    numbers.push_back(std::stoul(text.substr(at)));
  }
  std::sort(numbers.begin(), numbers.end());
  REQUIRE(numbers.size() == nodes.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == i + 1);
  CHECK(written(nodes, 10) == text);
}
