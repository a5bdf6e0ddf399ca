// The connections that are open: counted, found for shutdown, and kept alive.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "endpoint.h"

namespace postfach::net {

class Connection;

// Thread safe.
class Registry {
 public:
  struct Entry {
    std::shared_ptr<Connection> connection;
    std::optional<AddressKey> address;
  };
  using Entries = std::unordered_map<const Connection*, Entry>;

  Registry(std::size_t most, std::size_t most_per_address) noexcept
      : most_(most), most_per_address_(most_per_address) {}

  enum class Verdict : unsigned char { admitted, too_many, too_many_of_address, closed };
  // Without an address the connection counts for the total alone.
  Verdict add(const std::shared_ptr<Connection>& connection, const std::optional<AddressKey>& address);
  void remove(const Connection* connection) noexcept;

  // From now on nothing is admitted. Calls on_empty, with no lock held, when the last connection has gone, which may be
  // at once; from any thread.
  void close(std::function<void()> on_empty);
  std::size_t size() const noexcept;
  std::vector<std::shared_ptr<Connection>> all() const;
  // Closes, and lets go of all connections.
  Entries take() noexcept;

 private:
  void forget_address(const Entry& entry) noexcept;

  const std::size_t most_;
  const std::size_t most_per_address_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  Entries entries_;
  std::map<AddressKey, std::size_t> addresses_;  // a tree: its keys are chosen by clients
  std::function<void()> on_empty_;
};

}  // namespace postfach::net
