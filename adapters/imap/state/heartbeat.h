// How often a client in IDLE is told "Still here".
//
// A beat keeps the connection alive in the routers on its way, for clients that do not see to that themselves (Outlook),
// and tells the server of those that are gone. It also wakes a telephone. So there are two intervals, and a client gets
// the longer one
// - if its name (ID, RFC 2971) is one of SessionOptions::quiet_clients, or
// - if it ended IDLE within kReaction of a beat, kReactions times in a row: it wakes up each time, only to begin anew.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "postfach/imap/session.h"
#include "postfach/protocol/session.h"

namespace postfach::imap {

class Heartbeat {
 public:
  static constexpr std::chrono::seconds kReaction{5};
  static constexpr unsigned kReactions = 2;

  // The client's name, as it says itself.
  void on_name(std::string_view name, const SessionOptions& options);
  // 0: none.
  std::chrono::seconds interval(const SessionOptions& options) const noexcept {
    return is_quiet_ || reactions_ >= kReactions ? options.quiet_heartbeat : options.heartbeat;
  }
  // The client ended IDLE; last_beat is the beat that was the last it heard, if there was one and nothing came after.
  void on_done(protocol::Clock::time_point now, std::optional<protocol::Clock::time_point> last_beat) noexcept;

 private:
  bool is_quiet_ = false;
  unsigned reactions_ = 0;  // in a row
};

}  // namespace postfach::imap
