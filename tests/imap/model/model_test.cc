#include <catch2/catch.hpp>

#include "imap/model/game.h"

using postfach::imap::model::Game;

// Seeds that once found a fault stay.
TEST_CASE("random clients see what the model says") {
  constexpr int kSteps = 500;
  const auto seed = GENERATE(range(1U, 61U));
  CAPTURE(seed);
  Game game(seed, 3);
  for (int step = 0; step < kSteps; ++step) {
    CAPTURE(step);
    game.step();
  }
}
