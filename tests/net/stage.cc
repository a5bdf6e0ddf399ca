#include "net/stage.h"

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <utility>

#include "base/files.h"
#include "protocol/line_framer.h"

namespace postfach::test {
namespace {

using protocol::Clock;
using protocol::Want;

class Scripted final : public protocol::Session {
 public:
  Scripted(std::shared_ptr<Probe> probe, protocol::Peer peer) : probe_(std::move(probe)), peer_(std::move(peer)) {
    ++probe_->made;
    say("hello");
  }
  ~Scripted() override { ++probe_->gone; }

  void set_now(Clock::time_point now) override {
    const Guard guard(*this);
    if (!deadline_ && probe_->deadline) deadline_ = now + *probe_->deadline;
  }
  std::size_t receive(std::string_view octets) override {
    const Guard guard(*this);
    if ((want() != Want::read && !may_join()) || stuck_) return 0;
    const auto piece = framer_.next(octets);
    if (piece.status == protocol::LineFramer::Status::line) obey(piece.line);
    return piece.taken;
  }
  void produce(std::string& out, std::size_t soft_limit) override {
    const Guard guard(*this);
    const std::size_t before = out.size();
    for (const std::string& text : held_) out += "held " + text + "\n";
    if (!held_.empty()) out += "of " + std::to_string(held_.size()) + "\n";
    held_.clear();
    out += std::exchange(pending_, {});
    const std::size_t room = soft_limit > out.size() ? soft_limit - out.size() : 1;
    const std::size_t part = std::min(flood_, room);
    out.append(part, 'x');
    flood_ -= part;
    probe_->flooded += part;
    if (part > 0 && flood_ == 0) out += '\n';
    probe_->most_output = std::max<std::size_t>(probe_->most_output, out.size() - before);
  }
  Want want() const override { return pending_.empty() && flood_ == 0 && held_.empty() ? want_ : Want::write; }
  bool may_join() const override { return !held_.empty() && pending_.empty() && flood_ == 0; }
  std::optional<Clock::time_point> deadline() const override { return deadline_; }
  bool authenticated() const override { return !probe_->strangers; }
  void on_tls_started(protocol::TlsInfo info) override {
    const Guard guard(*this);
    peer_.tls = std::move(info);
    want_ = Want::read;
  }
  void on_deadline() override {
    const Guard guard(*this);
    deadline_ = Clock::time_point::max();
    say("too slow");
    want_ = Want::close;
  }
  void on_store_changed() override {
    const Guard guard(*this);
    ++probe_->rings;
    say(std::exchange(want_, Want::read) == Want::wait ? "rung" : "ding");
  }
  void on_shutdown() override {
    const Guard guard(*this);
    say("down");
    want_ = Want::close;
  }
  void on_disconnect() override {
    const Guard guard(*this);
    ++probe_->disconnects;
    want_ = Want::close;
  }

 private:
  // Tells if a call comes while another one runs.
  struct Guard {
    explicit Guard(Scripted& in) : session(in) {
      if (session.busy_.exchange(true)) session.probe_->overlapped = true;
    }
    ~Guard() { session.busy_ = false; }
    Scripted& session;
  };

  void say(std::string_view line) { pending_.append(line).append("\n"); }
  void obey(std::string_view line) {
    if (line.starts_with("echo ")) return say(line.substr(5));
    if (line.starts_with("hold ")) {
      held_.emplace_back(line.substr(5));
    } else if (line.starts_with("flood ")) {
      flood_ = std::stoul(std::string(line.substr(6)));
    } else if (line == "tls") {
      say("go");
      want_ = Want::start_tls;
    } else if (line == "wait") {
      want_ = Want::wait;
    } else if (line == "peer") {
      say(peer_.address + (peer_.tls ? " " + peer_.tls->protocol + " " + peer_.tls->server_name : "") +
          (peer_.can_start_tls ? " can" : "") + (peer_.trusted_cleartext ? " trusted" : ""));
    } else if (line == "throw") {
      throw std::runtime_error("as asked");
    } else if (line == "stuck") {
      stuck_ = true;
    } else if (line == "quit") {
      say("bye");
      want_ = Want::close;
    } else {
      say("what?");
    }
  }

  std::shared_ptr<Probe> probe_;
  protocol::Peer peer_;
  protocol::LineFramer framer_{1000};
  std::string pending_;
  std::vector<std::string> held_;
  std::size_t flood_ = 0;
  Want want_ = Want::read;
  bool stuck_ = false;
  std::optional<Clock::time_point> deadline_;
  std::atomic<bool> busy_ = false;
};

}  // namespace

protocol::Ring Probe::last_ring() {
  const std::lock_guard lock(mutex_);
  return ring_;
}

void Probe::set_last_ring(protocol::Ring ring) {
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
}

Certificates::Certificates() : directory_(base::make_temporary_directory().value()) {}
Certificates::~Certificates() { (void)base::remove_directory_tree(directory_); }

net::TlsFiles Certificates::make(const std::string& name, const std::string& subdirectory) {
  return net::make_self_signed({name}, base::join_path(directory_, subdirectory)).value();
}

net::TlsContext Certificates::context() { return net::TlsContext::load(make("default.test", "default")).value(); }

bool eventually(const std::function<bool()>& condition) {
  using namespace std::chrono_literals;
  for (int i = 0; i < 4000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return condition();
}

Stage::Stage(net::ServerOptions options, int threads) : io_(threads), work_(asio::make_work_guard(io_)) {
  if (!options.observer) {
    options.observer = [this](const LogRecord& record) {
      const std::lock_guard lock(log_mutex_);
      log_.emplace_back(record.event);
    };
  }
  server_.emplace(
      io_.get_executor(),
      [probe = probe_](protocol::Peer peer, protocol::Ring ring) {
        probe->set_last_ring(std::move(ring));
        return std::make_unique<Scripted>(probe, std::move(peer));
      },
      std::move(options));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
}

Stage::~Stage() {
  server_.reset();
  join();
}

std::uint16_t Stage::listen(net::TlsMode mode) { return server_->listen("127.0.0.1:0", mode).value(); }

void Stage::join() {
  work_.reset();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool Stage::logged(std::string_view event) {
  const std::lock_guard lock(log_mutex_);
  return std::find(log_.begin(), log_.end(), event) != log_.end();
}

}  // namespace postfach::test
