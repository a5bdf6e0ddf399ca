// Which logins may hash a password now, and which wait for their turn.
//
// A hash takes a processor for some 20 to 60 ms. Without a gate a flood of logins holds every worker, and everybody's mail
// waits behind it. Here a few hash at once; the others are told to wait, and their doorbell rings when it is their turn.
//
// Invariants:
// - Fair between addresses: the n-th waiting login of one address has its turn behind the first ones of all others
//   (start-time fair queueing); no login is overtaken for ever.
// - Nobody can hold a turn without using it: one that was called and does not come within kPatience is passed over until
//   it does, and everyone who waits looks again at least each kLookAgain.
// - The queue is bounded: when it is full, the login that would be the last to have its turn is turned away.
// - Doorbells ring with no lock held.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace postfach::store {

// Thread safe. Outlives its places and passes.
class PasswordGate {
 public:
  using Clock = std::chrono::steady_clock;
  using Doorbell = std::function<void()>;

  static constexpr auto kPatience = std::chrono::milliseconds(250);
  static constexpr auto kLookAgain = std::chrono::seconds(1);
  static constexpr std::size_t kMostWaiting = 1000;

  // at_once: at least 1.
  explicit PasswordGate(unsigned at_once, std::size_t most_waiting = kMostWaiting) noexcept
      : at_once_(at_once), most_waiting_(most_waiting) {}

  // Leave to hash, until it goes.
  class Pass {
   public:
    explicit Pass(PasswordGate& gate) noexcept : gate_(&gate) {}
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;

   private:
    PasswordGate* gate_;
  };

  // A login's place in the queue, which goes with it.
  class Place {
   public:
    // address: a key as of login_address_key(). bell may be rung after the place is gone.
    Place(PasswordGate& gate, std::string address, Doorbell bell);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // Leave, if it is this login's turn. Else ask again when the bell rang, and after kLookAgain at the latest.
    std::optional<Pass> ask(Clock::time_point now);
    // There were too many, and this one had to go: it never has its turn.
    bool is_turned_away() const;

   private:
    friend class PasswordGate;
    PasswordGate& gate_;
    const std::string address_;
    const Doorbell bell_;
    // Of the gate's lock:
    std::uint64_t turn_ = 0;   // smaller is earlier
    std::uint64_t order_ = 0;  // among those of the same turn
    bool waits_ = false;
    bool turned_away_ = false;
    std::optional<Clock::time_point> called_;
  };

 private:
  struct Earlier {
    bool operator()(const Place* a, const Place* b) const noexcept {
      return a->turn_ != b->turn_ ? a->turn_ < b->turn_ : a->order_ < b->order_;
    }
  };
  struct Address {
    std::uint64_t last_turn = 0;
    std::size_t waiting = 0;
  };

  void leave();
  void join(Place& place, std::vector<Doorbell>& bells);
  void remove(Place& place);
  bool is_next(const Place& place) const;
  void call(std::vector<Doorbell>& bells);
  bool is_late(const Place& place) const { return place.called_ && now_ - *place.called_ > kPatience; }

  const unsigned at_once_;
  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  Clock::time_point now_{};  // the latest time that anybody told; exact enough for kPatience
  unsigned running_ = 0;
  std::uint64_t turn_ = 0;  // of the last one that was let in
  std::uint64_t orders_ = 0;
  std::set<Place*, Earlier> queue_;
  std::map<std::string, Address> addresses_;  // that have somebody waiting; a tree: clients choose its keys
};

}  // namespace postfach::store
