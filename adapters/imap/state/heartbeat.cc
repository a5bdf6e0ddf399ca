#include "heartbeat.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace postfach::imap {

void Heartbeat::on_name(std::string_view name, const SessionOptions& options) {
  is_quiet_ = std::any_of(options.quiet_clients.begin(), options.quiet_clients.end(), [name](const std::string& quiet) {
    return base::equals_ignoring_case(name.substr(0, quiet.size()), quiet);
  });
}

void Heartbeat::on_done(protocol::Clock::time_point now,
                        std::optional<protocol::Clock::time_point> last_beat) noexcept {
  if (reactions_ >= kReactions) return;  // nothing can be seen any more, and it is not to go to and fro
  reactions_ = last_beat && now - *last_beat <= kReaction ? reactions_ + 1 : 0;
}

}  // namespace postfach::imap
