// Numbers that are the same on every machine, which those of <random>'s distributions are not.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace load {

// SplitMix64 (Steele, Lea, Flood 2014): any seed will do.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t end) noexcept { return static_cast<std::size_t>((next() >> 32U) * end >> 32U); }
  bool chance(unsigned percent) noexcept { return below(100) < percent; }
  // Above 0, up to 1.
  double unit() noexcept { return static_cast<double>((next() >> 11U) + 1) * 0x1p-53; }
  // Box and Muller 1958.
  double normal() noexcept {
    const double radius = std::sqrt(-2 * std::log(unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

 private:
  std::uint64_t state_;
};

}  // namespace load
