// Drives a session as a connection would, without a socket: what a command costs, from its octets to those of the
// answer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "meter.h"
#include "postfach/protocol/session.h"

namespace bench {

class Conversation {
 public:
  explicit Conversation(std::unique_ptr<postfach::protocol::Session> session);

  // Offers the octets and lets the session work until it wants more. Throws if the last line of the answer does not
  // begin with `expected`. Returns the octets of the answer. meter: counts what the session does.
  std::size_t say(std::string_view octets, std::string_view expected, Meter* meter = nullptr);

 private:
  std::size_t turn(std::string_view octets);

  std::unique_ptr<postfach::protocol::Session> session_;
  std::string out_;
  std::string last_line_;  // of what was answered, as far as it came
};

}  // namespace bench
