#include "postfach/result.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace postfach;

TEST_CASE("a result is a value or an error") {
  Result<std::string> good = std::string("x");
  CHECK(good.has_value());
  CHECK(*good == "x");
  CHECK(good->size() == 1);
  CHECK(good.value_or("y") == "x");

  const Result<std::string> bad = Error{Errc::over_quota, "full"};
  CHECK_FALSE(bad);
  CHECK(bad.error().code == Errc::over_quota);
  CHECK(bad.value_or("y") == "y");
  CHECK_THROWS_AS(bad.value(), BadResult);
  CHECK_THROWS_WITH(bad.value(), "full");

  CHECK(Result<void>{}.has_value());
  const Result<void> failed = Error{Errc::limit, "too long"};
  CHECK_THROWS_WITH(failed.value(), "too long");
}

TEST_CASE("a value that can only be moved comes out of a result") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> out = std::move(result).value();
  CHECK(*out == 7);
}

TEST_CASE("codes have the names that logs show") {
  CHECK(to_string(Errc::invalid_argument) == "invalid_argument");
  CHECK(to_string(Errc::over_quota) == "over_quota");
  CHECK(to_string(Errc::newer_schema) == "newer_schema");
  CHECK(to_string(Errc::internal) == "internal");
}
