#include "registry.h"

#include <utility>

namespace postfach::net {

Registry::Verdict Registry::add(const std::shared_ptr<Connection>& connection,
                                const std::optional<AddressKey>& address) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Verdict::closed;
  if (entries_.size() >= most_) return Verdict::too_many;
  if (!address) {
    entries_.emplace(connection.get(), Entry{connection, address});
    return Verdict::admitted;
  }
  const auto found = addresses_.find(*address);
  if ((found == addresses_.end() ? 0 : found->second) >= most_per_address_) return Verdict::too_many_of_address;
  std::size_t& count = found == addresses_.end() ? addresses_[*address] : found->second;
  entries_.emplace(connection.get(), Entry{connection, address});
  ++count;
  return Verdict::admitted;
}

void Registry::forget_address(const Entry& entry) noexcept {
  if (!entry.address) return;
  const auto count = addresses_.find(*entry.address);
  if (count != addresses_.end() && --count->second == 0) addresses_.erase(count);
}

void Registry::remove(const Connection* connection) noexcept {
  Entry last_reference;  // let go without the lock
  std::function<void()> on_empty;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(connection);
    if (found == entries_.end()) return;
    last_reference = std::move(found->second);
    entries_.erase(found);
    forget_address(last_reference);
    if (closed_ && entries_.empty()) on_empty = std::exchange(on_empty_, nullptr);
  }
  if (on_empty) on_empty();
}

void Registry::close(std::function<void()> on_empty) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (!entries_.empty()) {
      on_empty_ = std::move(on_empty);
      return;
    }
  }
  on_empty();
}

std::size_t Registry::size() const noexcept {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::vector<std::shared_ptr<Connection>> Registry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Connection>> result;
  result.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) result.push_back(entry.connection);
  return result;
}

Registry::Entries Registry::take() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  addresses_.clear();
  on_empty_ = nullptr;
  return std::exchange(entries_, {});
}

}  // namespace postfach::net
