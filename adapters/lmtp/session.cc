// Invariants, beside those of postfach/protocol/session.h:
// - One command at a time: a line is taken only when the reply to the one before is written, so pipelining needs no
//   care, and nothing behind STARTTLS or QUIT is ever read.
// - A reply to a message is written after Delivery has said what became of it, never before.
#include "postfach/lmtp/session.h"

#include <algorithm>
#include <utility>

#include "command.h"
#include "context.h"
#include "handlers.h"
#include "protocol/line_framer.h"
#include "reply.h"

namespace postfach::lmtp {
namespace {

using protocol::Clock;
using protocol::Want;

class Session final : public protocol::Session {
 public:
  Session(Store store, std::shared_ptr<const SessionOptions> options, protocol::Peer peer)
      : context_(std::move(store), std::move(options), std::move(peer)) {
    append_reply(notice_, {220, {}, context_.options->hostname + " LMTP server ready"});
  }

  void set_now(Clock::time_point now) override {
    context_.now = now;
    if (last_activity_ == Clock::time_point()) last_activity_ = now;
  }

  std::size_t receive(std::string_view octets) override {
    if (want() != Want::read || octets.empty()) return 0;
    switch (context_.mode) {
      case Mode::command:
        return take_line(octets);
      case Mode::data:
        last_activity_ = context_.now;
        if (context_.data_octets <= context_.most_octets()) return take_data(context_, octets);
        break;
      case Mode::chunk:
        last_activity_ = context_.now;
        return take_chunk(context_, octets, notice_);
    }
    give_up("flood", {421, "4.7.0", "Too much data"});
    return octets.size();
  }

  void produce(std::string& out, std::size_t soft_limit) override {
    while (has_work() && out.size() < soft_limit) {
      last_activity_ = context_.now;
      if (!notice_.empty()) {
        out += notice_;
        std::string().swap(notice_);
      } else if (context_.replying) {
        step_replies(context_, out);
        return;  // each account takes its time; others want theirs
      } else {
        run_line(out);
      }
    }
  }

  Want want() const override {
    if (has_work()) return Want::write;
    if (context_.closing) return Want::close;
    return context_.starting_tls ? Want::start_tls : Want::read;
  }

  std::optional<Clock::time_point> deadline() const override {
    if (context_.closing || last_activity_ == Clock::time_point()) return std::nullopt;
    const SessionOptions& options = *context_.options;
    if (context_.mode == Mode::command && !(context_.transaction && context_.transaction->has_chunks)) {
      return last_activity_ + options.command_timeout;
    }
    const auto timeout = context_.mode == Mode::command ? options.command_timeout : options.data_timeout;
    if (!context_.transaction) return last_activity_ + timeout;
    return std::min(last_activity_ + timeout, context_.transaction->begun + options.message_timeout);
  }

  // There is no login: who may connect is trusted.
  bool authenticated() const override { return true; }

  // RFC 3207 §4.2: nothing of what was said in clear counts.
  void on_tls_started(protocol::TlsInfo info) override {
    context_.peer.tls = std::move(info);
    context_.starting_tls = false;
    context_.reset();
    context_.client.clear();
    bad_commands_ = 0;
  }

  void on_deadline() override {
    if (!context_.closing && !has_work()) give_up("timeout", {421, "4.4.2", "Timeout"});
  }
  void on_store_changed() override {}
  // RFC 5321 §3.8: the client keeps what was not answered.
  void on_shutdown() override {
    if (!context_.closing && !context_.starting_tls) give_up({}, {421, "4.3.2", "Server shutting down"});
    context_.closing = true;
  }
  void on_disconnect() override {
    context_.closing = true;
    context_.reset();
    line_status_ = LineStatus::none;
    notice_.clear();
  }

 private:
  enum class LineStatus : unsigned char { none, complete, too_long, bare_lf };

  bool has_work() const noexcept { return !notice_.empty() || context_.replying || line_status_ != LineStatus::none; }

  std::size_t take_line(std::string_view octets) {
    const auto piece = framer_.next(octets);
    const char before = piece.taken >= 2 ? octets[piece.taken - 2] : last_octet_;
    last_octet_ = octets[piece.taken - 1];
    if (piece.status == protocol::LineFramer::Status::incomplete) return piece.taken;
    if (piece.status == protocol::LineFramer::Status::too_long) {
      line_status_ = LineStatus::too_long;
      return piece.taken;
    }
    line_status_ = before == '\r' ? LineStatus::complete : LineStatus::bare_lf;
    line_ = piece.line;
    return piece.taken;
  }

  void run_line(std::string& out) {
    switch (std::exchange(line_status_, LineStatus::none)) {
      case LineStatus::none:
        return;
      case LineStatus::too_long:
        append_reply(out, {500, "5.5.6", "Line too long"});
        return count(Outcome::bad, out);
      case LineStatus::bare_lf:  // RFC 5321 §2.3.8
        append_reply(out, {500, "5.5.2", "A line ends with CRLF"});
        return count(Outcome::bad, out);
      case LineStatus::complete:
        break;
    }
    const ParsedCommand parsed = parse_command(line_);
    if (parsed.command) {
      count(handle(context_, *parsed.command, out), out);
    } else {
      append_reply(out, parsed.problem);
      if (parsed.is_out_of_step) context_.closing = true;
      count(Outcome::bad, out);
    }
    std::string().swap(line_);
  }

  void count(Outcome outcome, std::string& out) {
    bad_commands_ = outcome == Outcome::good ? 0 : bad_commands_ + 1;
    if (bad_commands_ < context_.options->bad_commands || context_.closing) return;
    context_.log(Severity::warning, "too_many_bad_commands");
    append_reply(out, {421, "4.7.0", "Too many bad commands"});
    close();
  }

  void give_up(std::string_view event, const Reply& reply) {
    if (!event.empty()) context_.log(Severity::info, event);
    close();
    append_reply(notice_, reply);
  }

  // Nothing that was not answered is stored.
  void close() {
    context_.closing = true;
    context_.reset();
    line_status_ = LineStatus::none;
  }

  Context context_;
  protocol::LineFramer framer_{kMostLineOctets};
  char last_octet_ = '\0';
  std::string notice_;  // what is to be said next: the greeting, a reply to a chunk, a goodbye
  LineStatus line_status_ = LineStatus::none;
  std::string line_;
  unsigned bad_commands_ = 0;
  Clock::time_point last_activity_ = {};
};

}  // namespace

std::unique_ptr<protocol::Session> make_session(Store store, std::shared_ptr<const SessionOptions> options,
                                                protocol::Peer peer) {
  return std::make_unique<Session>(std::move(store), std::move(options), std::move(peer));
}

}  // namespace postfach::lmtp
