// A server that is a script: what the client has to send, and what it gets.
#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "migrate/channel.h"

namespace postfach::migrate {

class Script final : public Channel {
 public:
  // Octets arrive in pieces of this size.
  explicit Script(std::size_t piece) : piece_(piece) {}

  // The server speaks.
  Script& server(std::string octets) {
    steps_.push_back({false, std::move(octets)});
    return *this;
  }
  // The client has to say exactly this.
  Script& client(std::string octets) {
    steps_.push_back({true, std::move(octets)});
    return *this;
  }
  Script& tls() { return client("<TLS>"); }

  bool is_over() const { return steps_.empty(); }

  Result<std::string_view> read() override {
    if (steps_.empty() || steps_.front().is_client) return Error{Errc::unavailable, "the connection ended"};
    auto& octets = steps_.front().octets;
    given_ = octets.substr(0, piece_);
    octets.erase(0, piece_);
    if (octets.empty()) steps_.pop_front();
    return std::string_view(given_);
  }
  Result<void> write(std::string_view octets) override {
    if (steps_.empty() || !steps_.front().is_client) {
      FAIL_CHECK("the client said without reason: " << octets);
      return Error{Errc::unavailable, "the connection ended"};
    }
    CHECK(steps_.front().octets == octets);
    steps_.pop_front();
    return {};
  }
  Result<void> start_tls() override { return write("<TLS>"); }

 private:
  struct Step {
    bool is_client;
    std::string octets;
  };
  std::size_t piece_;
  std::deque<Step> steps_;
  std::string given_;
};

}  // namespace postfach::migrate
