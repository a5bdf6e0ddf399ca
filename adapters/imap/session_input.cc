// The session's way in: octets, inflated where they are compressed, framed into commands and literals.
#include <utility>

#include "imap/command/append.h"
#include "imap/command/head.h"
#include "imap/response/server_data.h"
#include "imap/wire/limits.h"
#include "session.h"

namespace postfach::imap {

using protocol::Want;

std::size_t Session::receive(std::string_view octets) {
  if (want() != Want::read && !may_join()) return 0;
  std::string_view rest = octets;
  std::size_t budget = kMostInflated;
  take_in(rest, budget);
  if (rest.size() != octets.size()) last_octets_ = context_.now;
  return octets.size() - rest.size();
}

void Session::take_in(std::string_view& octets, std::size_t& budget) {
  try {
    if (!compression_) return take_octets(octets);
    while (takes_input() && take_inflated(octets, budget)) continue;
  } catch (...) {
    fault(pending_, pending_.size(), false);
    octets = {};
  }
}

// False if there is nothing more to be had for now.
bool Session::take_inflated(std::string_view& octets, std::size_t& budget) {
  if (compression_->input().empty()) {
    if (budget < protocol::Deflate::kPiece) return false;
    const protocol::Deflate::Taken taken = compression_->take(octets);
    if (taken == protocol::Deflate::Taken::corrupt) say_goodbye("The compressed data is invalid");
    if (taken != protocol::Deflate::Taken::piece) return false;
    budget -= protocol::Deflate::kPiece;
  }
  std::string_view input = compression_->input();
  const std::size_t size = input.size();
  take_octets(input);
  compression_->consume(size - input.size());
  return true;
}

void Session::take_octets(std::string_view& octets) {
  while (takes_input()) {
    const Framer::Event event = framer_.feed(octets);
    receiving_ = takes_octets() || !framer_.text().empty();
    if (event == Framer::Event::more) break;
    if (must_wait(event)) {
      event_ = event;
      break;
    }
    take(event);
    run_early();
  }
}

void Session::take(Framer::Event event) {
  switch (event) {
    case Framer::Event::more:
    case Framer::Event::streamed:
      break;
    case Framer::Event::command:
      receiving_ = false;
      if (task_) {
        task_->text(framer_.text());
        task_due_ = true;
      } else {
        stage_ = Stage::command;
      }
      break;
    case Framer::Event::line:
      receiving_ = false;
      framer_.set_line_mode(false);
      task_->line(framer_.text());
      if (!context_.account) framer_.wipe();
      task_due_ = true;
      break;
    case Framer::Event::piece:
      task_->octets(framer_.piece());
      break;
    case Framer::Event::literal:
      literal();
      break;
    case Framer::Event::error:
      framing_error();
      break;
  }
}

void Session::literal() {
  if (task_) {
    task_->text(framer_.text());
    task_due_ = true;
  } else if (literal_use(framer_.text()) == LiteralUse::streamed) {
    stage_ = Stage::command;
  } else if (framer_.literal().fits) {
    if (framer_.literal().synchronising) append_continuation(pending_, "OK");
    framer_.take();
  } else {
    refuse_literal(tag_of(framer_.text()), {Condition::bad, "TOOBIG", "Literal too big"});
  }
}

// A client that was refused a non-synchronising literal sends it all the same: so many octets are worth reading.
std::uint64_t Session::most_skipped() const noexcept {
  return context_.account ? 2 * context_.store.options().max_message_size : kLimitsBeforeLogin.literals_total;
}

// A command that is over before its literal.
void Session::refuse_literal(std::string_view tag, const Answer& answer) {
  const LiteralAnnouncement& literal = framer_.literal();
  if (!tag.empty()) {
    append_tagged(pending_, tag, answer.condition, answer.code, answer.text);
  } else {
    append_untagged(pending_, Condition::bad, {}, answer.text);
  }
  if (!literal.synchronising && literal.size > most_skipped()) {
    say_goodbye("Literal too big", "TOOBIG");
  } else {
    count_answer(answer.condition, pending_);
  }
  framer_.refuse();
}

void Session::framing_error() {
  const std::string_view text = framer_.error_text();
  const bool must_close = framer_.must_close();
  if (task_ && !must_close) {  // a line of AUTHENTICATE or IDLE, or what follows a literal
    framer_.set_line_mode(false);
    context_.bell->listen(false);
    return end_task(bad(text));
  }
  const std::string_view tag = task_ ? std::string_view(tag_) : tag_of(framer_.text());
  if (tag.empty()) {
    append_untagged(pending_, Condition::bad, {}, text);
  } else {
    append_tagged(pending_, tag, Condition::bad, {}, text);
  }
  count_answer(Condition::bad, pending_);
  if (must_close) say_goodbye("Lost track of the commands");
}

}  // namespace postfach::imap
