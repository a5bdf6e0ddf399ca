// Failed logins are answered late, and later each time; after a few of them the connection is closed.
//
// The session wants `wait` while an answer is due, and gives due() as its deadline: nobody sleeps, and no other
// connection is slower for it. Nothing is locked for the user (attacks on a name cannot shut its owner out).
#pragma once

#include <chrono>
#include <optional>

#include "postfach/protocol/session.h"

namespace postfach::protocol {

class LoginDelay {
 public:
  // The first failure is answered after `first`, each further one after twice the time of the one before.
  explicit LoginDelay(unsigned most_failures = 3, std::chrono::milliseconds first = std::chrono::seconds(2)) noexcept
      : most_failures_(most_failures), next_(first) {}

  void failed(Clock::time_point now) noexcept;

  // When the answer to the last failure may be sent; nothing if none is held back.
  std::optional<Clock::time_point> due() const noexcept { return due_; }
  // True, once, when the time has come: send the answer, and close if exhausted().
  bool release(Clock::time_point now) noexcept;
  bool exhausted() const noexcept { return failures_ >= most_failures_; }

 private:
  unsigned most_failures_;
  unsigned failures_ = 0;
  std::chrono::milliseconds next_;
  std::optional<Clock::time_point> due_;
};

}  // namespace postfach::protocol
