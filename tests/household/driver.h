// A client's side of one session, without a socket: what it sends, and all that comes back.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "postfach/protocol/session.h"

namespace postfach::household {

class Driver {
 public:
  Driver(std::unique_ptr<protocol::Session> session, protocol::Clock::time_point now)
      : session_(std::move(session)), now_(now) {}

  std::string send(std::string_view octets) {
    std::string out;
    session_->set_now(now_);
    for (;;) {
      switch (session_->want()) {
        case protocol::Want::write:
          session_->produce(out, 65536);
          continue;
        case protocol::Want::wait:
          session_->on_store_changed();
          continue;
        case protocol::Want::read:
          if (octets.empty()) return out;
          octets.remove_prefix(session_->receive(octets));
          continue;
        case protocol::Want::start_tls:
        case protocol::Want::close:
          return out;
      }
    }
  }

  // The connection breaks.
  void drop() {
    session_->on_disconnect();
    session_.reset();
  }

 private:
  std::unique_ptr<protocol::Session> session_;
  protocol::Clock::time_point now_;
};

}  // namespace postfach::household
