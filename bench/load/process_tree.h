// What a server uses: one process with many threads, or a master whose processes come and go (Linux: /proc).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

// Each page that n processes share counts as an n-th.
struct Memory {
  std::uint64_t pss_kib = 0;
  std::uint64_t anonymous_kib =
      0;  // without files that are mapped, whose pages the system takes back when it needs them
};

class ProcessTree {
 public:
  explicit ProcessTree(pid_t root) : root_(root) {}

  // CPU time, of user and system, that the process and its descendants used up to now, with those that ended and were
  // waited for. The differences are good to a microsecond for what lives, to a clock tick for each process whose
  // children have ended.
  std::chrono::nanoseconds cpu() const;
  Memory memory() const;
  // The process and its descendants. A failure if it is gone.
  std::vector<pid_t> processes() const;

 private:
  pid_t root_;
};

// Of this process.
std::chrono::nanoseconds own_cpu();

}  // namespace load
