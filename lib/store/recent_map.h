// A map that forgets what was not used for the longest time once it is full. Not thread safe.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace postfach::store {

// Keys must not be chosen by others (they could be made to collide): identifiers, or keyed hashes.
template <class Key, class Value>
class RecentMap {
 public:
  explicit RecentMap(std::size_t most) noexcept : most_(most) {}

  // Null if it is not there. Valid until the next call of put().
  Value* find(const Key& key) {
    const auto at = index_.find(key);
    if (at == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, at->second);
    return &at->second->second;
  }

  // The value under the key, made if it is not there.
  Value& put(const Key& key) {
    if (Value* const value = find(key)) return *value;
    if (index_.size() >= most_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, Value());
    index_.emplace(key, entries_.begin());
    return entries_.front().second;
  }

  void erase(const Key& key) {
    const auto at = index_.find(key);
    if (at == index_.end()) return;
    entries_.erase(at->second);
    index_.erase(at);
  }

  std::size_t size() const noexcept { return index_.size(); }

 private:
  using Entries = std::list<std::pair<Key, Value>>;

  std::size_t most_;  // at least 1
  Entries entries_;   // the last used first
  std::unordered_map<Key, typename Entries::iterator> index_;
};

}  // namespace postfach::store
