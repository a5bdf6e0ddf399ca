#include "password_gate.h"

#include <algorithm>
#include <utility>

namespace postfach::store {

PasswordGate::Place::Place(PasswordGate& gate, std::string address, Doorbell bell)
    : gate_(gate), address_(std::move(address)), bell_(std::move(bell)) {}

PasswordGate::Place::~Place() {
  std::vector<Doorbell> bells;
  {
    const std::lock_guard lock(gate_.mutex_);
    if (!waits_) return;
    gate_.remove(*this);
    gate_.call(bells);  // it may have been called
  }
  for (const Doorbell& bell : bells) bell();
}

std::optional<PasswordGate::Pass> PasswordGate::Place::ask(Clock::time_point now) {
  std::vector<Doorbell> bells;
  bool is_let_in = false;
  {
    const std::lock_guard lock(gate_.mutex_);
    gate_.now_ = std::max(gate_.now_, now);
    if (!waits_ && !turned_away_) gate_.join(*this, bells);
    if (waits_ && gate_.is_next(*this)) {
      gate_.remove(*this);
      gate_.turn_ = std::max(gate_.turn_, turn_);
      ++gate_.running_;
      is_let_in = true;
    } else if (waits_) {
      called_.reset();  // it came, and was not next: its call was meant for an earlier state
    }
    gate_.call(bells);
  }
  for (const Doorbell& bell : bells) bell();
  if (!is_let_in) return std::nullopt;
  return Pass(gate_);
}

bool PasswordGate::Place::is_turned_away() const {
  const std::lock_guard lock(gate_.mutex_);
  return turned_away_;
}

void PasswordGate::leave() {
  std::vector<Doorbell> bells;
  {
    const std::lock_guard lock(mutex_);
    --running_;
    call(bells);
  }
  for (const Doorbell& bell : bells) bell();
}

void PasswordGate::join(Place& place, std::vector<Doorbell>& bells) {
  Address& address = addresses_[place.address_];
  place.turn_ = std::max(turn_, address.last_turn) + 1;
  place.order_ = ++orders_;
  address.last_turn = place.turn_;
  ++address.waiting;
  place.waits_ = true;
  queue_.insert(&place);
  if (queue_.size() <= most_waiting_) return;
  Place* const last = *queue_.rbegin();
  remove(*last);
  last->turned_away_ = true;
  if (last != &place && last->bell_) bells.push_back(last->bell_);
}

void PasswordGate::remove(Place& place) {
  queue_.erase(&place);
  place.waits_ = false;
  const auto address = addresses_.find(place.address_);
  if (--address->second.waiting == 0) addresses_.erase(address);
}

// Whether as many as may begin now include this one, those not counted who were called and did not come.
bool PasswordGate::is_next(const Place& place) const {
  if (running_ >= at_once_) return false;
  unsigned free = at_once_ - running_;
  for (const Place* const each : queue_) {
    if (each == &place) return true;
    if (is_late(*each)) continue;
    if (--free == 0) return false;
  }
  return false;
}

// Rings those whose turn it is.
void PasswordGate::call(std::vector<Doorbell>& bells) {
  if (running_ >= at_once_) return;
  unsigned free = at_once_ - running_;
  for (Place* const each : queue_) {
    if (!each->called_) {
      each->called_ = now_;
      if (each->bell_) bells.push_back(each->bell_);
    } else if (is_late(*each)) {
      continue;
    }
    if (--free == 0) return;
  }
}

}  // namespace postfach::store
