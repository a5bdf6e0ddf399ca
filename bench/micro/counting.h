// Instructions without a counter of the CPU: the program runs once more under callgrind, each benchmark for one round.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bench {

struct Counted {
  std::uint64_t operations = 0;
  std::uint64_t instructions = 0;
};

// Whether valgrind and its header are there.
bool can_count_by_callgrind();

// Runs this program with these arguments and --counted under callgrind, whose files go to the directory. By name of the
// benchmark. Throws if that went wrong.
std::map<std::string, Counted> count_by_callgrind(const std::string& directory, std::vector<std::string> arguments);

}  // namespace bench
