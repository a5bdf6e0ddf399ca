// What a server uses: one process with many threads, or a master whose processes come and go (Linux: /proc).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

class ProcessTree {
 public:
  explicit ProcessTree(pid_t root) : root_(root) {}

  // CPU time, of user and system, that the process and its descendants used up to now, with those that ended and were
  // waited for. The differences are good to a microsecond for what lives, to a clock tick for each process whose
  // children have ended.
  std::chrono::nanoseconds cpu() const;
  // Memory, where each page that n processes share counts as an n-th: the sum of Pss in smaps_rollup.
  std::uint64_t pss_kib() const;
  // The process and its descendants. A failure if it is gone.
  std::vector<pid_t> processes() const;

 private:
  pid_t root_;
};

// Of this process.
std::chrono::nanoseconds own_cpu();

}  // namespace load
