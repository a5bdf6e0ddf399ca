// A table from numbers that strangers choose (hashes of what is in their mail) to small ones.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace postfach::store {

// Open addressing. Where a number goes depends on a secret, so that no mail can be made to collide on purpose.
class NumberTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // secret: 64 random bits.
  explicit NumberTable(std::uint64_t secret) noexcept : multiplier_(secret | 1U) {}

  // The value of a number that is not 0: kNone when it is new; the caller sets it then. Valid until the next call.
  std::uint32_t& at(std::uint64_t number) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = find(number);
    if (slot.number == 0) {
      slot = {number, kNone};
      ++size_;
    }
    return slot.value;
  }
  std::uint64_t octets() const noexcept { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint64_t number = 0;  // 0: free
    std::uint32_t value = kNone;
  };

  Slot& find(std::uint64_t number) noexcept {
    const auto shift = static_cast<unsigned>(64 - std::countr_zero(slots_.size()));
    for (std::size_t i = number * multiplier_ >> shift;; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].number == number || slots_[i].number == 0) return slots_[i];
    }
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number != 0) find(slot.number) = slot;
    }
  }

  std::uint64_t multiplier_;
  std::vector<Slot> slots_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace postfach::store
