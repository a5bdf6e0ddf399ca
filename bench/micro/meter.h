// What a stretch of code costs: time, and instructions of this program (not the kernel's), which hardly differ from one
// run to the next and so show what a change has done.
//
// Instructions come from the CPU's counter where the kernel lets us have it, else from callgrind, under which the
// program then runs a second time (counting.h).
#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

// The CPU's counter of instructions, of this process and what it starts.
class Instructions {
 public:
  Instructions() noexcept;
  ~Instructions();
  Instructions(const Instructions&) = delete;
  Instructions& operator=(const Instructions&) = delete;

  // A virtual machine or a kernel's policy (perf_event_paranoid) may keep it from us.
  bool there() const noexcept { return descriptor_ >= 0; }
  void start() const noexcept;
  void stop() const noexcept;
  std::uint64_t read() const noexcept;  // while stopped

 private:
  int descriptor_;
};

// Adds up what is between start() and stop().
class Meter {
 public:
  explicit Meter(const Instructions& instructions) noexcept : instructions_(instructions) {}

  void start() noexcept;
  void stop() noexcept;

  std::chrono::nanoseconds time() const noexcept { return time_; }
  std::uint64_t instructions() const noexcept { return instructions_.read() - before_; }
  void clear() noexcept;

 private:
  const Instructions& instructions_;
  std::chrono::steady_clock::time_point started_ = {};
  std::chrono::nanoseconds time_{0};
  std::uint64_t before_ = 0;
};

}  // namespace bench
