// Invariants, beside those of postfach/protocol/session.h:
// - One command at a time: a line is taken only when the reply to the one before is written, so pipelining needs no
//   care, and nothing behind STLS or QUIT is ever read.
// - Only QUIT changes messages; every other end goes through close(), which forgets the marks and frees the lease.
#include "postfach/pop3/session.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "command.h"
#include "context.h"
#include "handlers.h"
#include "protocol/line_framer.h"
#include "protocol/secret.h"
#include "reply.h"

namespace postfach::pop3 {
namespace {

using protocol::Clock;
using protocol::Want;

class Session final : public protocol::Session {
 public:
  Session(Store store, SessionOptions options, protocol::Peer peer, protocol::Ring ring)
      : context_(std::move(store), std::move(options), std::move(peer), std::move(ring)) {
    if (context_.options.apop_lookup) {
      // A msg-id (RFC 1939 §7) that no greeting has had before.
      context_.timestamp = "<" + base::random_hex(32) + "@pop3.postfach>";
      append_ok(notice_, context_.options.greeting + " " + context_.timestamp);
    } else {
      append_ok(notice_, context_.options.greeting);
    }
  }
  ~Session() override { protocol::wipe(line_); }

  void set_now(Clock::time_point now) override {
    context_.now = now;
    if (!started_) started_ = now;
  }

  std::size_t receive(std::string_view octets) override {
    if (want() != Want::read) return 0;
    const auto piece = framer_.next(octets);
    if (piece.status == protocol::LineFramer::Status::incomplete) return piece.taken;
    input_ = piece.status == protocol::LineFramer::Status::line ? Input::line : Input::too_long;
    line_ = piece.line;
    last_activity_ = context_.now;
    return piece.taken;
  }

  void produce(std::string& out, std::size_t soft_limit) override {
    do {
      if (!has_work()) return;
      work(out, soft_limit);
    } while (out.size() < soft_limit);
  }

  Want want() const override {
    if (has_work()) return Want::write;
    if (context_.closing) return Want::close;
    if (context_.starting_tls) return Want::start_tls;
    if (context_.login && !context_.login_needs_line) return Want::wait;
    return Want::read;
  }

  std::optional<Clock::time_point> deadline() const override {
    if (context_.closing || !started_) return std::nullopt;
    const auto end = end_of_time();
    const auto answer = context_.login ? context_.login->deadline() : std::nullopt;
    return answer ? std::min(end, *answer) : end;
  }

  bool authenticated() const override { return context_.state == State::transaction; }

  void on_tls_started(protocol::TlsInfo info) override {
    context_.peer.tls = std::move(info);
    context_.starting_tls = false;
    context_.known_mechanisms.reset();
    context_.user.clear();  // came in clear, from whomever
    context_.utf8 = false;
    bad_commands_ = 0;
  }

  // RFC 1939 §3: without a word to the client.
  void on_deadline() override {
    if (context_.closing || !started_) return;
    if (context_.now >= end_of_time()) {
      context_.log(Severity::info, "timeout");
      return close();
    }
    context_.look_at_login();
  }

  // A maildrop does not change under its session: only what a login waits for is of interest.
  void on_store_changed() override {
    if (!context_.closing) context_.look_at_login();
  }

  // The client takes the line for the reply to its next command. In the middle of a reply, or once TLS is
  // agreed upon, there is no place for it.
  void on_shutdown() override {
    if (context_.closing) return;
    const bool silent = context_.rest != nullptr || context_.starting_tls;
    close();
    if (!silent) append_error(notice_, "[SYS/TEMP] Server shutting down");
  }

  void on_disconnect() override { close(); }

 private:
  enum class Input : unsigned char { none, line, too_long };

  bool has_work() const noexcept {
    return !notice_.empty() || context_.rest || input_ != Input::none || context_.login_due;
  }

  // One thing that is to be done.
  void work(std::string& out, std::size_t soft_limit) {
    last_activity_ = context_.now;  // a slow reader is not idle
    if (!notice_.empty()) {
      out += notice_;
      std::string().swap(notice_);
    } else if (context_.rest) {
      write_rest(out, soft_limit);
    } else if (input_ != Input::none) {
      count(run_line(out));
      input_ = Input::none;
      protocol::wipe(line_);
      if (line_.capacity() > 2 * max_command_line) std::string().swap(line_);
    } else if (context_.login_due) {
      count(step_login(context_, out));
    }
  }

  void write_rest(std::string& out, std::size_t soft_limit) {
    const auto complete = context_.rest->step(out, soft_limit);
    if (complete && !*complete) return;
    context_.rest.reset();
    if (complete) return;
    context_.log(Severity::error, "read_failed", complete.error().message);
    close();
  }

  Outcome run_line(std::string& out) {
    if (input_ == Input::too_long) {
      context_.end_login();
      append_error(out, "Line too long");
      return Outcome::bad;
    }
    if (context_.login_needs_line) {
      context_.login->respond(line_);
      context_.login_needs_line = false;
      context_.login_due = true;
      return Outcome::none;
    }
    const ParsedCommand parsed = parse_command(line_);
    if (parsed.command) return handle(context_, *parsed.command, out);
    append_error(out, parsed.problem);
    return Outcome::bad;
  }

  void count(Outcome outcome) {
    if (outcome == Outcome::none) return;
    if (outcome == Outcome::good) {
      bad_commands_ = 0;
      return;
    }
    const bool logged_in = context_.state == State::transaction;
    if (++bad_commands_ < (logged_in ? context_.options.bad_commands : context_.options.bad_commands_before_login))
      return;
    context_.log(Severity::warning, "too_many_bad_commands");
    close();
  }

  Clock::time_point end_of_time() const noexcept {
    if (context_.state == State::authorization) return *started_ + context_.options.login_timeout;
    constexpr std::chrono::seconds least = std::chrono::minutes(10);
    return last_activity_ + std::max(context_.options.autologout, least);
  }

  // Ends without UPDATE (RFC 1939 §6).
  void close() noexcept {
    context_.closing = true;
    context_.rest.reset();
    context_.end_login();
    context_.lease.reset();
    if (context_.drop) context_.drop->unmark_all();
    input_ = Input::none;
    protocol::wipe(line_);
    notice_.clear();
  }

  Context context_;
  protocol::LineFramer framer_{max_auth_line - 2};
  std::string notice_;  // what is to be said unasked: the greeting, a goodbye
  Input input_ = Input::none;
  std::string line_;
  unsigned bad_commands_ = 0;
  std::optional<Clock::time_point> started_;
  Clock::time_point last_activity_ = {};
};

}  // namespace

std::unique_ptr<protocol::Session> make_session(Store store, SessionOptions options, protocol::Peer peer,
                                                protocol::Ring ring) {
  return std::make_unique<Session>(std::move(store), std::move(options), std::move(peer), std::move(ring));
}

}  // namespace postfach::pop3
