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
    if (rings_.fetch_add(1) == 0 && awake_.load()) ring_();
  }

  // True if it rang since the last call. Before one looks, so that nothing that happens meanwhile is missed.
  bool take() noexcept { return rings_.exchange(0) != 0; }
  bool rung() const noexcept { return rings_.load() != 0; }
  // The session itself has just made a change, in one transaction, of which it knows all: the ring of that one, which came
  // before the store returned, is taken back if it was the only one.
  void forget_own() noexcept {
    unsigned own = 1;
    rings_.compare_exchange_strong(own, 0);
  }
  // Whether the driver is to be called. Look once more after switching it on.
  void listen(bool on) noexcept { awake_.store(on); }

 private:
  protocol::Ring ring_;
  mutable std::atomic<unsigned> rings_{0};
  std::atomic<bool> awake_{false};
};

}  // namespace postfach::imap
