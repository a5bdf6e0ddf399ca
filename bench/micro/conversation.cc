#include "conversation.h"

#include <stdexcept>
#include <thread>
#include <utility>

namespace bench {
namespace {

using postfach::protocol::Clock;
using postfach::protocol::Session;
using postfach::protocol::Want;

constexpr std::size_t kSoftLimit = 64 * 1024;  // net::ServerOptions::soft_output_limit

}  // namespace

Conversation::Conversation(std::unique_ptr<Session> session) : session_(std::move(session)) { turn({}); }

std::size_t Conversation::say(std::string_view octets, std::string_view expected, Meter* meter) {
  if (meter != nullptr) meter->start();
  const std::size_t size = turn(octets);
  if (meter != nullptr) meter->stop();
  if (!last_line_.starts_with(expected)) {
    throw std::runtime_error(std::string(octets.substr(0, 100)) + " was answered with " + last_line_);
  }
  return size;
}

std::size_t Conversation::turn(std::string_view octets) {
  std::size_t size = 0;
  session_->set_now(Clock::now());
  for (;;) {
    out_.clear();
    session_->produce(out_, kSoftLimit);
    size += out_.size();
    if (!out_.empty()) {
      const std::string_view text(out_.data(), out_.size() - (out_.ends_with("\r\n") ? 2 : 0));
      last_line_ = text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
    }
    switch (session_->want()) {
      case Want::write:
        break;
      case Want::wait:  // the first login of an account has to wait for its turn
        std::this_thread::yield();
        session_->set_now(Clock::now());
        session_->on_store_changed();
        break;
      case Want::read:
        if (octets.empty()) return size;
        octets.remove_prefix(session_->receive(octets));
        break;
      case Want::start_tls:
      case Want::close:
        return size;
    }
  }
}

}  // namespace bench
