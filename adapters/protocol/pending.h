// An answer that comes later, from any thread: what a hook of the host was asked for.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "postfach/protocol/session.h"
#include "postfach/result.h"

namespace postfach::protocol {

template <class Value>
class Pending {
 public:
  // ring says when take() is worth a look.
  explicit Pending(Ring ring) : slot_(std::make_shared<Slot>(std::move(ring))) {}

  // What the host is given to answer with. An answer that comes twice, or after this object is gone, is thrown away; when
  // the last copy of the function goes unused, the answer is unavailable.
  std::function<void(Result<Value>)> reply() const {
    return
        [promise = std::make_shared<Promise>(slot_)](Result<Value> answer) { promise->slot->put(std::move(answer)); };
  }

  // The answer, once.
  std::optional<Result<Value>> take() { return slot_->take(); }

 private:
  class Slot {
   public:
    explicit Slot(Ring ring) : ring_(std::move(ring)) {}

    void put(Result<Value> answer) {
      {
        const std::lock_guard lock(mutex_);
        if (answered_) return;
        answered_ = true;
        answer_ = std::move(answer);
      }
      if (ring_) ring_();
    }
    std::optional<Result<Value>> take() {
      const std::lock_guard lock(mutex_);
      return std::exchange(answer_, std::nullopt);
    }

   private:
    const Ring ring_;
    std::mutex mutex_;
    bool answered_ = false;
    std::optional<Result<Value>> answer_;
  };

  struct Promise {
    explicit Promise(std::shared_ptr<Slot> of) : slot(std::move(of)) {}
    Promise(const Promise&) = delete;
    Promise& operator=(const Promise&) = delete;
    ~Promise() { slot->put(Error{Errc::unavailable, "the host gave no answer"}); }
    std::shared_ptr<Slot> slot;
  };

  std::shared_ptr<Slot> slot_;
};

}  // namespace postfach::protocol
