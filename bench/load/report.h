// One measured case, and its line of JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "process_tree.h"

namespace load {

struct Report {
  std::string server;
  std::string name;
  std::string unit;
  int connections = 1;
  // A rate, with the CPU time of each; nothing where only memory or latency is of interest.
  std::uint64_t ops = 0;
  double seconds = 0;
  double server_cpu_us = 0;  // all of it
  double client_cpu_us = 0;
  bool has_rate = true;
  std::vector<double> latencies_us = {};
  std::uint64_t octets = 0;
  Memory memory = {};
  std::optional<double> pss_kib_per_connection = {};
  std::string note = {};
};

// Without the end of the line.
std::string to_json(Report report);

}  // namespace load
