#include "read_buffers.h"

#include <algorithm>
#include <new>
#include <utility>

namespace postfach::net {

Octets ReadBuffers::lend() {
  {
    const std::lock_guard lock(mutex_);
    free_.reserve(most_free);
    if (!free_.empty()) {
      Octets buffer = std::move(free_.back());
      free_.pop_back();
      return buffer;
    }
  }
  return std::make_unique_for_overwrite<char[]>(size_);
}

void ReadBuffers::give_back(Octets buffer) noexcept {
  const std::lock_guard lock(mutex_);
  if (free_.size() < free_.capacity()) free_.push_back(std::move(buffer));
}

char* Input::space() {
  if (!lent_) {
    octets_ = buffers_.lend();
    lent_ = true;
  }
  begin_ = end_ = 0;
  return octets_.get();
}

char* Input::try_space() noexcept {
  try {
    return space();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

std::size_t Input::take(char* out, std::size_t room) noexcept {
  const std::size_t taken = std::min(room, size());
  std::copy_n(data(), taken, out);
  consume(taken);
  return taken;
}

void Input::park() {
  if (!lent_) {
    if (empty()) octets_.reset();
    return;
  }
  Octets rest;
  if (!empty()) {
    rest = std::make_unique_for_overwrite<char[]>(size());
    std::copy_n(data(), size(), rest.get());
  }
  end_ -= begin_;
  begin_ = 0;
  buffers_.give_back(std::exchange(octets_, std::move(rest)));
  lent_ = false;
}

void Input::release() noexcept {
  if (lent_) buffers_.give_back(std::move(octets_));
  octets_.reset();
  begin_ = end_ = 0;
  lent_ = false;
}

}  // namespace postfach::net
