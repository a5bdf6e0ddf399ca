#include "session.h"

#include <algorithm>
#include <utility>

#include "imap/command/head.h"
#include "imap/response/server_data.h"
#include "imap/state/capability.h"
#include "imap/wire/limits.h"

namespace postfach::imap {

using protocol::Clock;
using protocol::Want;

Session::Session(postfach::Store store, std::shared_ptr<const SessionOptions> options, protocol::Peer peer,
                 protocol::Ring ring)
    : context_(std::move(store), std::move(options), std::move(peer), std::move(ring)), framer_(kLimitsBeforeLogin) {}

void Session::set_now(Clock::time_point now) {
  context_.now = now;
  if (!login_deadline_) {
    login_deadline_ = now + context_.options->login_timeout;
    last_octets_ = now;
  }
}

Want Session::want() const {
  const Want want = want_clear();
  return want == Want::read && compression_ && compression_->holds_input() ? Want::write : want;
}

Want Session::want_clear() const {
  if (!pending_.empty()) return Want::write;
  if (closing_) return Want::close;
  if (!held_.empty() || event_) return Want::write;
  if (stage_ == Stage::ready) return context_.start_tls ? Want::start_tls : Want::read;
  if (is_waiting()) return task_step_ == Task::Step::wait ? Want::wait : Want::read;
  return Want::write;
}

// --- Work -----------------------------------------------------------------------------------------------------------

void Session::produce(std::string& out, std::size_t soft_limit) {
  if (compression_) return produce_compressed(out, soft_limit);
  bool yields = false;
  produce_clear(out, soft_limit, yields);
}

// What the commands in the rest of the inflated octets answer goes out together.
void Session::produce_compressed(std::string& out, std::size_t soft_limit) {
  const std::size_t mark = out.size();
  try {
    std::string clear;
    bool yields = false;
    std::size_t budget = kMostInflated;
    for (;;) {
      if (may_hold_more() && compression_->holds_input()) {
        std::string_view nothing;
        take_in(nothing, budget);
      }
      produce_clear(clear, soft_limit, yields);
      if (yields || clear.size() >= soft_limit || want_clear() != Want::read || !context_.account) break;
      if (!compression_->holds_input() || budget < protocol::Deflate::kPiece) break;
      std::string_view nothing;
      take_in(nothing, budget);
    }
    // RFC 8437 §4: the stream ends behind the OK of UNAUTHENTICATE.
    if (want_clear() == Want::close || (!context_.account && want_clear() == Want::read)) {
      compression_->finish(clear, out);
      compression_.reset();
      context_.compressed = false;
      return;
    }
    compression_->send(clear, out);
    if (is_waiting() && task_->is_idle()) compression_->rest();
  } catch (...) {
    out.resize(mark);
    close();  // the client could read nothing that is sent now
    pending_.clear();
  }
}

void Session::produce_clear(std::string& out, std::size_t soft_limit, bool& yields) {
  while (want_clear() == Want::write) {
    const std::size_t mark = out.size();
    const bool within_response = task_ && task_->within_response();
    try {
      advance(out, soft_limit, yields);
    } catch (...) {
      fault(out, mark, within_response);
    }
    if (yields || out.size() >= soft_limit) return;
  }
}

void Session::advance(std::string& out, std::size_t soft_limit, bool& yields) {
  if (!held_.empty() && !later_) return carry_out();
  if (!pending_.empty() && !later_) {
    out += pending_;
    pending_ = {};
    return;
  }
  if (event_ && !later_) return take(*std::exchange(event_, std::nullopt));
  switch (stage_) {
    case Stage::greeting:
      append_untagged(out, Condition::ok, code_capability(capabilities(context_)), context_.options->greeting);
      stage_ = Stage::ready;
      break;
    case Stage::ready:
      break;
    case Stage::command:
      run_command(out);
      break;
    case Stage::task:
      run_task(out, soft_limit, yields);
      break;
    case Stage::updates:
      run_updates(out, soft_limit, yields);
      break;
    case Stage::answer:
      write_answer(out);
      break;
  }
}

void Session::run_command(std::string& out) {
  Scanner in(framer_.text(), context_.enabled.utf8_names());
  if (!offers_saved_result(context_)) in.forbid_saved_result();
  const std::optional<Head> head = parse_head(in);
  sync_ = Sync::none;
  if (!head) {
    tag_ = tag_of(framer_.text());
    return end_task(bad(in.error()));
  }
  tag_ = head->tag;
  context_.tag = tag_;
  const Command* command = find_command(head->name, context_);
  if (command == nullptr) return end_task(bad("Unknown command"));
  if (!command->valid_in(context_.state())) return end_task(bad(wrong_state(*command, context_.state())));
  if (context_.enabled.uid_only && uses_numbers(*command)) return end_task(uid_required());
  sync_ = command->sync;
  const bool had_account = context_.account.has_value();
  Outcome outcome = command->run(context_, in, out);
  if (had_account && !context_.account) begin_again();
  // It may have held a password. The parsers copied what they need.
  if (!context_.account) framer_.wipe();
  if (auto* answer = std::get_if<Answer>(&outcome)) return end_task(std::move(*answer));
  task_ = std::get<std::unique_ptr<Task>>(std::move(outcome));
  stage_ = Stage::task;
  task_due_ = true;
  last_output_ = context_.now;
}

void Session::run_task(std::string& out, std::size_t soft_limit, bool& yields) {
  const std::size_t before = out.size();
  const Task::Step step = task_->step(context_, out, soft_limit);
  task_step_ = step;
  if (out.size() != before) last_output_ = context_.now;
  switch (step) {
    case Task::Step::more:
      break;
    case Task::Step::yield:
      yields = true;
      tell_progress(out);
      break;
    case Task::Step::line:
      framer_.set_line_mode(true);
      task_due_ = false;
      break;
    case Task::Step::wait:
      task_due_ = false;
      break;
    case Task::Step::octets:
      if (framer_.literal().synchronising) append_continuation(out, "OK");
      framer_.stream();
      task_due_ = false;
      receiving_ = true;
      last_octets_ = context_.now;
      break;
    case Task::Step::join:
      hold();
      break;
    case Task::Step::done: {
      Answer answer = std::move(task_->answer());
      framer_.set_line_mode(false);
      end_task(std::move(answer));
      break;
    }
    case Task::Step::abort:
      context_.log(Severity::error, "message_unreadable", context_.account ? context_.account->name() : std::string(),
                   "the octets of a message can't be read to the end");
      close();
      break;
  }
}

// RFC 9585: between two responses, and not often.
void Session::tell_progress(std::string& out) {
  const std::chrono::seconds interval = context_.options->progress_interval;
  if (interval.count() == 0 || context_.now < last_output_ + interval || task_->within_response()) return;
  const std::optional<Progress> progress = task_->progress(context_);
  if (!progress || !offers(context_, "INPROGRESS")) return;
  append_untagged(out, Condition::ok, code_in_progress(tag_, progress->done, progress->goal), "Still working");
  last_output_ = context_.now;
}

void Session::end_task(Answer answer) {
  const std::optional<OwnStep> own = std::exchange(context_.own_step, std::nullopt);
  task_.reset();
  answer_ = std::move(answer);
  stage_ = Stage::answer;
  if (!context_.selected || sync_ == Sync::none || answer_.condition == Condition::bad) return;
  Selected& selected = *context_.selected;
  const bool may_expunge = sync_ != Sync::keep_numbers && !context_.keep_numbers;
  const bool untold = (may_expunge && !selected.expunged().empty()) || !selected.changed().empty();
  // A FETCH has read what others did and no doorbell has rung for yet.
  const bool ahead = selected.known_modseq().highest_fetched() > selected.modseq();
  if (sync_ == Sync::poll || untold || ahead || own || context_.bell->rung()) {
    updates_.emplace(may_expunge, own);
    stage_ = Stage::updates;
  }
}

void Session::run_updates(std::string& out, std::size_t soft_limit, bool& yields) {
  const Updates::Step step = updates_->step(context_, out, soft_limit);
  yields = yields || step == Updates::Step::yield;
  if (step == Updates::Step::more || step == Updates::Step::yield) return;
  mailbox_gone_ = step == Updates::Step::mailbox_gone;
  updates_.reset();
  stage_ = Stage::answer;
}

// RFC 7162 §3.2.7, §6: where the answer has no other code it is the place for HIGHESTMODSEQ. Not after CLOSE, nor where
// SELECT told it.
void Session::settle_modseq(Answer& answer, std::string& out) {
  if (!context_.enabled.condstore || !context_.selected || sync_ == Sync::none) return;
  const ModSeq highest = context_.selected->known_modseq().settle();
  if (highest == 0) return;
  std::string code = code_number("HIGHESTMODSEQ", highest);
  if (answer.condition == Condition::ok && answer.code.empty()) {
    answer.code = std::move(code);
  } else {
    append_untagged(out, Condition::ok, code, "Highest");
  }
}

void Session::write_answer(std::string& out) {
  Answer answer = std::exchange(answer_, {});
  stage_ = Stage::ready;
  if (!mailbox_gone_ && answer.condition != Condition::bye) settle_modseq(answer, out);
  context_.keep_numbers = false;
  if (answer.condition == Condition::bye || tag_.empty()) {
    append_untagged(out, answer.condition, answer.code, answer.text);
  } else {
    append_tagged(out, tag_, answer.condition, answer.code, answer.text);
  }
  tag_.clear();
  if (std::exchange(context_.compress, false)) {
    compression_ = std::make_unique<protocol::Deflate>();
    context_.compressed = true;
  }
  bool too_much = false;
  if (!later_) {  // else the text in the framer is that of another command
    const bool unwanted = framer_.undecided() && !framer_.literal().synchronising;
    too_much = unwanted && framer_.literal().size > most_skipped();
    let_go_of_text();
  }
  if (too_much && !closing_) {
    append_untagged(out, Condition::bye, "TOOBIG", "Literal too big");
    close();
  } else {
    count_answer(answer.condition, out);
  }
  if (mailbox_gone_ || answer.condition == Condition::bye) {
    // RFC 2180 §3.3: the only answer to a mailbox that another deleted which every client understands, since sequence
    // numbers it sent already must not meet another state.
    if (mailbox_gone_ && !closing_) append_untagged(out, Condition::bye, {}, "The mailbox was deleted");
    close();
  }
  if (context_.close) {
    if (!context_.account && answer.condition == Condition::no) {
      append_untagged(out, Condition::bye, {}, "Too many failed logins");
    }
    close();
  }
  if (held_.empty()) context_.batch = {};  // it may have been refused
  if (later_) after_held();
}

// A client may be silent for hours.
void Session::let_go_of_text() {
  framer_.set_limits(context_.account ? kLimitsAfterLogin : kLimitsBeforeLogin);
  std::string_view nothing;
  framer_.feed(nothing);
  receiving_ = false;
  last_octets_ = context_.now;
}

// A stranger again (RFC 8437), with a stranger's time.
void Session::begin_again() {
  login_deadline_ = context_.now + context_.options->login_timeout;
  bad_commands_ = 0;
  context_.bell->listen(false);
  (void)context_.bell->take();
}

// Commands that are none cost little, but who sends nothing else is no client (a scanner, or a web browser).
void Session::count_answer(Condition condition, std::string& out) {
  if (condition != Condition::bad) {
    if (context_.account) bad_commands_ = 0;
    return;
  }
  const SessionOptions& options = *context_.options;
  const unsigned most = context_.account ? options.bad_commands : options.bad_commands_before_login;
  if (++bad_commands_ < most) return;
  append_untagged(out, Condition::bye, {}, "Too many invalid commands");
  close();
}

void Session::fault(std::string& out, std::size_t mark, bool within_response) noexcept {
  // What this turn wrote may be cut anywhere.
  out.resize(std::min(mark, out.size()));
  close();
  try {
    if (!within_response) append_untagged(out, Condition::bye, "SERVERBUG", "Internal error");
    context_.log(Severity::error, "session_fault", {}, "an exception ended an IMAP session");
  } catch (...) {  // no memory for a farewell either: the connection is closed without
  }
}

// --- Events ---------------------------------------------------------------------------------------------------------

void Session::say_goodbye(std::string_view text, std::string_view code) {
  if (closing_) return;
  const bool within_response = task_ && task_->within_response();
  if (!within_response) append_untagged(pending_, Condition::bye, code, text);
  close();
}

void Session::close() noexcept {
  closing_ = true;
  stage_ = Stage::ready;
  context_.bell->listen(false);
  task_.reset();
  updates_.reset();
  held_.clear();
  later_.reset();
  event_.reset();
  context_.selected.reset();
}

// When a client that is silent now has been so for too long.
std::optional<Clock::time_point> Session::patience() const {
  if (!context_.account) return login_deadline_;
  if (want() != Want::read) return {};
  if (receiving_) return last_octets_ + context_.options->stalled_command;
  if (task_ && task_->is_idle()) return {};
  return last_octets_ + context_.options->autologout;
}

std::optional<Clock::time_point> Session::deadline() const {
  if (closing_) return {};
  std::optional<Clock::time_point> result = patience();
  if (is_waiting()) {
    const std::optional<Clock::time_point> due = task_->deadline();
    if (due && (!result || *due < *result)) result = due;
  }
  return result;
}

void Session::on_deadline() {
  if (closing_) return;
  if (const auto most = patience(); most && *most <= context_.now) {
    return say_goodbye(context_.account ? "Autologout; idle for too long" : "Login took too long");
  }
  if (is_waiting() && !takes_octets()) task_due_ = true;
}

void Session::on_store_changed() {
  if (is_waiting() && !takes_octets()) task_due_ = true;
}

void Session::on_tls_started(protocol::TlsInfo info) {
  context_.on_tls_started(std::move(info));
  framer_ = Framer(kLimitsBeforeLogin);
  receiving_ = false;
}

void Session::on_shutdown() { say_goodbye("Server is shutting down", "UNAVAILABLE"); }

void Session::on_disconnect() {
  close();
  pending_.clear();
}

std::unique_ptr<protocol::Session> make_session(postfach::Store store, SessionOptions options, protocol::Peer peer,
                                                protocol::Ring ring) {
  return make_session(std::move(store), std::make_shared<const SessionOptions>(std::move(options)), std::move(peer),
                      std::move(ring));
}

std::unique_ptr<protocol::Session> make_session(postfach::Store store, std::shared_ptr<const SessionOptions> options,
                                                protocol::Peer peer, protocol::Ring ring) {
  return std::make_unique<Session>(std::move(store), std::move(options), std::move(peer), std::move(ring));
}

}  // namespace postfach::imap
