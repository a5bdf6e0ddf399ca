#include "base/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace postfach::base;

TEST_CASE("random numbers use all bits and do not repeat") {
  std::set<std::uint64_t> seen;
  std::uint64_t ones = 0;
  std::uint64_t zeros = 0;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t number = random_number();
    seen.insert(number);
    ones |= number;
    zeros |= ~number;
  }
  CHECK(seen.size() == 200);
  CHECK(ones == UINT64_MAX);
  CHECK(zeros == UINT64_MAX);
}

TEST_CASE("random_hex has as many digits as asked for, all sixteen of them in use") {
  for (const std::size_t digits : {0U, 1U, 31U, 256U, 257U, 1000U}) CHECK(random_hex(digits).size() == digits);
  const std::string text = random_hex(2000);
  CHECK(text.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(std::set<char>(text.begin(), text.end()).size() == 16);
  CHECK(random_hex(32) != random_hex(32));
}
