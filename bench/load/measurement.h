// The clocks of one case: they run only while the server does what is to be measured.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "connection.h"
#include "process_tree.h"
#include "report.h"

namespace load {

struct Bench;

class Measurement {
 public:
  using Clock = std::chrono::steady_clock;

  // The case is called `name` in the report.
  Measurement(Bench& bench, std::string name, std::string unit, int connections = 1);

  // Waits until the server does nothing more for what came before, and starts the clocks.
  awaitable<void> begin();
  // Between the two, set-up that is not measured. They may be called often.
  void resume();
  void pause();
  // Stops the clocks and prints the report. The server's CPU time counts until it does nothing more: what it puts off is
  // not for free.
  awaitable<void> end();
  // Prints the report of clocks that are paused.
  void end_paused();

  // Whether the time of the options is not over yet.
  bool goes_on() const;
  void count(std::uint64_t ops = 1) noexcept { report_.ops += ops; }
  void add_octets(std::uint64_t octets) noexcept { report_.octets += octets; }
  void add_latency(Clock::duration latency) {
    report_.latencies_us.push_back(std::chrono::duration<double, std::micro>(latency).count());
  }
  Report& report() noexcept { return report_; }

 private:
  Bench& bench_;
  Report report_;
  bool runs_ = false;
  Clock::time_point started_{};
  Clock::duration elapsed_{};
  std::chrono::nanoseconds server_{};
  std::chrono::nanoseconds client_{};
};

// Until the server has used less than a hundredth of a CPU for the time of `quiet`; at most so long.
awaitable<void> settle(Bench& bench, std::chrono::milliseconds quiet = std::chrono::milliseconds(50),
                       std::chrono::milliseconds most = std::chrono::seconds(3));
awaitable<void> sleep_for(Network& network, std::chrono::nanoseconds time);

}  // namespace load
