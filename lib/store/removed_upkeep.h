// Which accounts have removed messages to purge.
//
// What this process removes is noted; what others did, or this one before it was started, is found by a walk through all
// accounts, once a day. A store that never had a window has no marker file, and nobody walks.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "postfach/removed.h"
#include "postfach/result.h"
#include "postfach/store.h"
#include "postfach/types.h"

namespace postfach::store {

class RemovedUpkeep {
 public:
  using Clock = std::chrono::steady_clock;

  // Knows by now whether any account may have removed messages. root: of the store.
  Result<void> begin(const std::string& root, const UndeleteOptions& options);

  // The account has lost messages just now; seconds since 1970.
  void note(AccountId id, std::int64_t removed);
  // Works until `end`. Several threads may call it; one does the work. True if something is left.
  bool run(Store::Impl& store, Clock::time_point end);

 private:
  // False: everything was looked at.
  bool walk(Store::Impl& store, Clock::time_point end);
  bool purge_due(Store::Impl& store, Clock::time_point end);

  std::string marker_;
  std::mutex working_;
  std::mutex mutex_;  // guards what follows; never held while a file is touched
  bool has_marker_ = false;
  std::unordered_map<AccountId, std::int64_t> oldest_;  // when the oldest went that an account may have
  bool any_found_ = false;                              // by the walk that is under way
  AccountId next_{};                                    // to be looked at
  Clock::time_point next_walk_{};                       // not before
};

}  // namespace postfach::store
