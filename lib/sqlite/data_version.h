// What was read from a database once, and whether it is so still: told without a transaction and without a call to the
// system.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace postfach::sqlite {

// Between two that are equal nobody has committed anything, this process or another. It is the header of the index of
// the write-ahead log, which all processes share in memory, and which every commit changes when it is durable and before
// it is acknowledged (SQLite's "WAL-mode File Format", §2.1).
class DataVersion {
 public:
  // index: where the index begins, aligned to 4 octets. generation: another one when the index may have been made anew,
  // which it is when nobody has the file open; before the first commit all new ones are the same. Nothing while somebody
  // changes it, or if it is none.
  static std::optional<DataVersion> of(const volatile void* index, std::uint64_t generation) noexcept;

  // What a job of a transaction leaves to the next one, before anything is committed: another one for each number.
  DataVersion before_commit(std::uint64_t number) const noexcept;

  // Whether exactly one transaction was committed in between.
  bool is_next_of(const DataVersion& before) const noexcept;
  bool operator==(const DataVersion&) const = default;

 private:
  static constexpr std::size_t kWords = 12;  // and a copy of them
  std::array<std::uint32_t, kWords> words_{};
  std::uint64_t generation_ = 0;
  std::uint64_t uncommitted_ = 0;
};

// From any thread.
template <class Value>
class Known {
 public:
  std::optional<Value> find(const DataVersion& version) const {
    const std::lock_guard lock(mutex_);
    if (version_ != version) return std::nullopt;
    return value_;
  }
  void keep(const DataVersion& version, Value value) {
    const std::lock_guard lock(mutex_);
    version_ = version;
    value_.emplace(std::move(value));
  }

 private:
  mutable std::mutex mutex_;
  std::optional<DataVersion> version_;
  std::optional<Value> value_;
};

// The same for values of one version that have keys. From any thread.
template <class Key, class Value>
class KnownMap {
 public:
  explicit KnownMap(std::size_t most) noexcept : most_(most) {}

  class Place {
   public:
    Place(KnownMap& map, const Key& key) noexcept : map_(map), key_(key) {}
    std::optional<Value> find(const DataVersion& version) const {
      const std::lock_guard lock(map_.mutex_);
      if (map_.version_ != version) return std::nullopt;
      const auto found = map_.values_.find(key_);
      if (found == map_.values_.end()) return std::nullopt;
      return found->second;
    }
    void keep(const DataVersion& version, Value value) {
      const std::lock_guard lock(map_.mutex_);
      if (map_.version_ != version || map_.values_.size() >= map_.most_) map_.values_.clear();
      map_.version_ = version;
      map_.values_.insert_or_assign(key_, std::move(value));
    }

   private:
    KnownMap& map_;
    const Key& key_;
  };
  // The key must outlive what is returned.
  Place at(const Key& key) noexcept { return {*this, key}; }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::optional<DataVersion> version_;
  std::unordered_map<Key, Value> values_;
};

}  // namespace postfach::sqlite
