#include "protocol/login_delay.h"

#include <catch2/catch.hpp>

namespace postfach::protocol {
namespace {

using namespace std::chrono_literals;

TEST_CASE("failed logins are answered later each time, and the last one ends the connection") {
  Clock::time_point now{};
  LoginDelay delay(3, 2s);
  CHECK_FALSE(delay.due());
  CHECK_FALSE(delay.release(now));

  for (const auto wait : {2s, 4s, 8s}) {
    CHECK_FALSE(delay.exhausted());
    delay.failed(now);
    REQUIRE(delay.due() == now + wait);
    CHECK_FALSE(delay.release(now + wait - 1ms));
    now += wait;
    CHECK(delay.release(now));
    CHECK_FALSE(delay.release(now));
    CHECK_FALSE(delay.due());
  }
  CHECK(delay.exhausted());
}

TEST_CASE("no answer is held back until the client gives up") {
  LoginDelay delay(1000, 2s);
  for (int i = 0; i < 100; ++i) delay.failed(Clock::time_point());
  CHECK(*delay.due() <= Clock::time_point() + 60s);
}

}  // namespace
}  // namespace postfach::protocol
