#include "protocol/login_delay.h"

#include <algorithm>

namespace postfach::protocol {

void LoginDelay::failed(Clock::time_point now) noexcept {
  constexpr std::chrono::milliseconds longest = std::chrono::seconds(30);  // well below clients' own time-outs
  ++failures_;
  next_ = std::min(next_, longest);
  due_ = now + next_;
  next_ *= 2;
}

bool LoginDelay::release(Clock::time_point now) noexcept {
  if (!due_ || now < *due_) return false;
  due_.reset();
  return true;
}

}  // namespace postfach::protocol
