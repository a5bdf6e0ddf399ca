#include "protocol/transcript.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "protocol/line_framer.h"
#include "protocol/login_delay.h"

namespace postfach::test {
namespace {

using protocol::Clock;
using protocol::Want;

// A small protocol with everything that a transcript can drive.
class Parrot final : public protocol::Session {
 public:
  explicit Parrot(protocol::Ring ring) : ring_(std::move(ring)) { say("hello"); }
  ~Parrot() override {
    if (thread_.joinable()) thread_.join();
  }

  void set_now(Clock::time_point now) override { now_ = now; }
  std::size_t receive(std::string_view octets) override {
    if (want_ != Want::read || !pending_.empty()) return 0;
    const auto piece = framer_.next(octets);
    if (piece.status == protocol::LineFramer::Status::too_long) say("too long");
    if (piece.status == protocol::LineFramer::Status::line) obey(std::string(piece.line));
    return piece.taken;
  }
  void produce(std::string& out, std::size_t soft_limit) override {
    while (!pending_.empty() && out.size() < soft_limit) {
      out.push_back(pending_.front());
      pending_.erase(0, 1);
    }
  }
  Want want() const override { return pending_.empty() ? want_ : Want::write; }
  std::optional<Clock::time_point> deadline() const override { return delay_.due(); }
  bool authenticated() const override { return false; }
  void on_tls_started(protocol::TlsInfo info) override {
    want_ = Want::read;
    say("secure with " + info.protocol);
  }
  void on_deadline() override {
    if (!delay_.release(now_)) return;
    want_ = Want::read;
    say("at last");
  }
  void on_store_changed() override {
    if (want_ == Want::wait) want_ = Want::read;
    say("ding");
  }
  void on_shutdown() override {
    say("bye");
    want_ = Want::close;
  }
  void on_disconnect() override { want_ = Want::close; }

 private:
  void say(const std::string& line) { pending_ += line + "\r\n"; }
  void obey(const std::string& line) {
    if (line == "tls") {
      want_ = Want::start_tls;
    } else if (line == "late") {
      delay_.failed(now_);
      want_ = Want::wait;
    } else if (line == "thread") {
      want_ = Want::wait;
      thread_ = std::thread(ring_);
    } else {
      say("echo " + line);
    }
  }

  protocol::Ring ring_;
  Clock::time_point now_;
  protocol::LineFramer framer_{20};
  protocol::LoginDelay delay_;
  std::string pending_;
  Want want_ = Want::read;
  std::thread thread_;
};

const Transcript parrot = {.make = [](protocol::Ring ring) { return std::make_unique<Parrot>(std::move(ring)); }};

TEST_CASE("a transcript drives a session through all that can happen") {
  check_transcript(R"(
    # the greeting
    S: hello
    C: one
    C: two words
    S: echo one
    S~ echo * words
    C: a\x00b\
    L: \\Seen
    S: echo a\0b\\Seen
    C: {n+}
    L: 1234567\n\
    C: x
    S: echo {8+}
    S: echo 1234567
    S: echo x
    ! ring
    S: ding
    C: 123456789012345678901
    C: 12345678901234567890
    S: too long
    S~ ...
    C: late
    C: next
    ! want wait
    ! after 1
    ! want wait
    ! deadline
    S: at last
    S: echo next
    C: thread
    S: ding
    C: tls
    C: injected
    ! want start_tls
    ! tls
    S: secure with TLSv1.3
    C: done
    S: echo done
    ! shutdown
    S: bye
    ! want close
  )",
                   parrot);
}

TEST_CASE("a transcript tells what is wrong") {
  struct Row {
    const char* text;
    const char* failure;
  };
  const Row rows[] = {
      {"S: hallo", "line 1: expected hallo\\r\\n"},
      {"S: hello\nC: a\nS: echo a\nS: echo b", "line 4: expected echo b\\r\\n\n  got no more output"},
      {"S: hello\nC: a\nC: b\nS: echo a", "line 4: after it came more:\n  got      echo b\\r\\n"},
      {"S: hello\nC: a", "at the end came more: echo a\\r\\n"},
      {"S: hello\nS~ e*o", "line 2: expected e<*>o"},
      {"S~ h*l*\n! deadline", "line 2: has no deadline"},
      {"S: hello\n! tls", "line 2: wants read instead of start_tls"},
      {"S: hello\n! nonsense", "no such event: nonsense"},
      {"S: hello\nC: tls\nC: x", "not taken at the end: x\\r\\n"},
      {"oops", "bad transcript: line 1"},
      {"S: hello\nC: {n}", "bad transcript: {n} without L lines"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK_THAT(transcript_failure(row.text, parrot), Catch::Contains(row.failure));
  }
}

TEST_CASE("a transcript's own events can change the world") {
  int calls = 0;
  std::string argument;
  Transcript transcript = parrot;
  protocol::Ring ring;
  transcript.make = [&](protocol::Ring given) {
    ring = given;
    return std::make_unique<Parrot>(std::move(given));
  };
  transcript.events["deliver"] = [&](std::string_view text) {
    ++calls;
    argument = text;
    ring();
  };
  check_transcript("S: hello\n! deliver some mail\nS: ding", transcript);
  CHECK(calls > 1);
  CHECK(argument == "some mail");
}

// Output that depends on how the octets are cut is what the runner is for.
class Clumsy final : public protocol::Session {
 public:
  void set_now(Clock::time_point) override {}
  std::size_t receive(std::string_view octets) override {
    pending_ = "got " + std::to_string(octets.size()) + "\r\n";
    return octets.size();
  }
  void produce(std::string& out, std::size_t) override { out += std::exchange(pending_, {}); }
  Want want() const override { return pending_.empty() ? Want::read : Want::write; }
  std::optional<Clock::time_point> deadline() const override { return {}; }
  bool authenticated() const override { return false; }
  void on_tls_started(protocol::TlsInfo) override {}
  void on_deadline() override {}
  void on_store_changed() override {}
  void on_shutdown() override {}
  void on_disconnect() override {}

 private:
  std::string pending_;
};

TEST_CASE("a transcript finds output that depends on the cuts") {
  const Transcript clumsy = {.make = [](protocol::Ring) { return std::make_unique<Clumsy>(); }};
  CHECK_THAT(transcript_failure("C: abc\nS: got 5", clumsy), Catch::Contains("one octet at a time"));
}

}  // namespace
}  // namespace postfach::test
