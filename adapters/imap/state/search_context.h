// Searches whose results the client is kept informed of (RFC 5267 §4.3).
//
// Invariants:
// - `matching` is what the client holds as the result: it changes only together with the ESEARCH response that says so.
// - Only messages that came or changed are looked at again, however large the mailbox is. Where a criterion depends on
//   the time, the rows of the mailbox are passed over once in kSweep for those that grew too old or old enough
//   (RFC 5032 §2).
// - Memory is capped; what would need more is refused with NOUPDATE.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/protocol/session.h"
#include "postfach/search.h"

namespace postfach::imap {

class Selected;

struct SearchContext {
  std::string tag;
  SearchKey key;
  bool uid = false;  // told by UIDs, not by sequence numbers
  // May hold UIDs that do not exist between those that do.
  UidSet matching = {};
};

class SearchContexts {
 public:
  using Clock = protocol::Clock;

  // Of one session. Clients keep one for each view that is open.
  static constexpr std::size_t kMost = 16;
  // Octets of all criteria and results of one session.
  static constexpr std::size_t kMostOctets = 1024 * 1024;
  static constexpr auto kSweep = std::chrono::seconds(60);

  bool has(std::string_view tag) const noexcept;
  bool empty() const noexcept { return contexts_.empty(); }
  // False: there are too many, or they are too large.
  bool add(SearchContext context, Clock::time_point now);
  // False if there is none.
  bool cancel(std::string_view tag);

  // Messages of the view that came or changed, and such that are gone from the store.
  void note_changed(const UidSet& uids);
  void note_gone(const UidSet& uids);

  // REMOVEFROM for those that are gone: before EXPUNGE, so that their numbers are valid. False: there is more to tell.
  bool tell_gone(const Selected& selected, std::string& out, std::size_t soft_limit);

  enum class Step : std::uint8_t { more, yield, done };
  // ADDTO and REMOVEFROM for those that changed: after EXISTS and FETCH.
  Step tell_changed(const Selected& selected, Clock::time_point now, std::string& out, std::size_t soft_limit);
  // When tell_changed has something to do though nothing has happened.
  std::optional<Clock::time_point> next_sweep() const noexcept { return next_sweep_; }

 private:
  Step sweep(const Selected& selected, Clock::time_point now);
  // One page of one context. False: the store can't be read now.
  bool look_again(const Selected& selected, SearchContext& context, std::string& out);
  std::size_t octets() const noexcept;
  void plan_sweep(Clock::time_point now);

  std::vector<SearchContext> contexts_;
  UidSet gone_;
  UidSet changed_;
  // Where tell_changed is.
  std::size_t context_ = 0;
  Uid from_ = 1;
  // For criteria that depend on the time.
  std::optional<Clock::time_point> next_sweep_;
  Clock::time_point last_sweep_{};
  Uid sweep_from_ = 0;  // 0: no sweep goes on
};

}  // namespace postfach::imap
