// What the store's doorbell touches: it outlives the session, and it is all that other threads ever see of one.
#pragma once

#include <atomic>
#include <memory>

#include "postfach/protocol/session.h"

namespace postfach::imap {

// Between commands nobody listens: the next command looks anyhow. In IDLE the driver is woken, once until it looked.
class DoorbellState {
 public:
  explicit DoorbellState(protocol::Ring ring) noexcept : ring_(std::move(ring)) {}

  // From any thread.
  void ring() const {
    if (!rung_.exchange(true) && awake_.load()) ring_();
  }

  // True if it rang since the last call. Before one looks, so that nothing that happens meanwhile is missed.
  bool take() noexcept { return rung_.exchange(false); }
  bool rung() const noexcept { return rung_.load(); }
  // Whether the driver is to be called. Look once more after switching it on.
  void listen(bool on) noexcept { awake_.store(on); }

 private:
  protocol::Ring ring_;
  mutable std::atomic<bool> rung_{false};
  std::atomic<bool> awake_{false};
};

}  // namespace postfach::imap
