// What power loss may leave: a recording played up to one of its events.
#pragma once

#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "disk.h"

namespace postfach::fault {

class Replay {
 public:
  Replay(const Recording& recording, unsigned seed);

  // Plays on, up to but without the event of this number.
  void advance(std::size_t position);
  // Writes a state that the disk may be in now: what was synced; of all other writes some are kept, some lost and some
  // torn at sectors of 512 octets; of the changes to a directory the first few are kept.
  void write_image(const std::string& path);

 private:
  struct State {
    std::string octets;                   // durable
    std::map<std::string, Node> entries;  // durable
    std::vector<const Event*> pending;
  };
  // How much of what is pending is kept.
  enum class Luck { all, none, some };
  void settle(const State& state, Luck luck, std::string& octets, std::map<std::string, Node>& entries);
  void write_node(Node node, Luck luck, const std::string& path);

  const Recording& recording_;
  std::mt19937 random_;
  std::vector<State> states_;
  std::size_t position_ = 0;
};

}  // namespace postfach::fault
