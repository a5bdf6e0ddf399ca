// Limits that several accounts share: domains and tenants.
//
//     postfach::QuotaGroups groups(store);
//     groups.set("example.org", {.quota = Quota{.bytes = 100ULL << 30}}).value();
//     groups.set("reseller 7", {.quota = Quota{.bytes = 1ULL << 40}}).value();
//     groups.set("example.org", {.parent = "reseller 7"}).value();
//
// Groups are a tree. The limits of each hold for the messages of all accounts below it together, beside the limits of the
// accounts themselves, at any moment and for all processes: what is stored is entered in the group first. An account is
// in the group that has the name of its domain (what is behind the '@' of the account's name), or in the one that it was
// put into. A change of limits counts at once. Names are compared without regard to ASCII case.
//
// Every function may be called from any thread, blocks for the disk, and is durable when it returns success. Errors
// beside those given: unavailable, in_use, corrupt.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/quota.h"
#include "postfach/result.h"
#include "postfach/store.h"
#include "postfach/types.h"

namespace postfach {

struct QuotaGroupInfo {
  std::string name;
  std::string parent;  // empty: none
  Usage usage;         // of all accounts below it
  Quota quota;         // bytes and messages
};

struct AccountUsage {
  AccountId id{};
  std::string name;
  std::string group;  // empty: none
  Usage usage;
  Quota quota;  // bytes and messages
};

struct QuotaGroupSettings {
  std::optional<std::string> parent = {};  // the name of a group; empty: none is above it
  std::optional<Quota> quota = {};         // bytes and messages
};

// A copyable handle, as Store.
class QuotaGroups {
 public:
  explicit QuotaGroups(Store store) : store_(std::move(store)) {}

  // Makes a group, or changes what is given of one. Accounts of its domain that are in no group come into a new one.
  // Errors: invalid_argument (the name, as of accounts; a limit above 2^63-1), not_found (the parent), not_permitted (the
  // parent is the group itself or below it).
  Result<void> set(std::string_view name, const QuotaGroupSettings& settings = {}) const;
  // Its accounts, and the groups below it, come into the group above. Errors: not_found.
  Result<void> remove(std::string_view name) const;
  Result<std::vector<QuotaGroupInfo>> list() const;  // sorted by name
  // Errors: not_found.
  Result<QuotaGroupInfo> find(std::string_view name) const;

  // Puts an account into a group, whatever its domain is; nothing: into that of its domain, or none. Errors: not_found.
  Result<void> assign(std::string_view account, std::optional<std::string_view> group) const;

  // What all accounts use, sorted by name, without opening any of them: 100,000 in some 100 ms. What other processes did
  // within the last second or so may be missing.
  Result<std::vector<AccountUsage>> usage() const;

 private:
  Store store_;
};

}  // namespace postfach
