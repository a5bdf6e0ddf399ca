// Commands that are held, to be carried out together: STOREs, or APPENDs, that come one behind the other.
//
// They begin as soon as their octets are there, within receive(), and come to Step::join; a transaction is made of all
// of them when produce() is called, so by whoever drives the session: when it has no more octets to offer at once, or when
// receive() takes no more. Until then nothing is written, and nothing that those before it could change is relied on.
#include <memory>
#include <utility>

#include "imap/command/append.h"
#include "imap/command/store.h"
#include "imap/handlers/append.h"
#include "session.h"

namespace postfach::imap {

bool Session::may_join() const {
  // Of compressed octets that it has already, produce() takes what can be held.
  return may_hold_more() && !(compression_ && compression_->holds_input());
}

bool Session::may_hold_more() const noexcept {
  if (held_.empty() || later_ || event_ || closing_ || !pending_.empty()) return false;
  if (held_.size() >= kMostHeld || held_octets_ >= kMostHeldOctets) return false;
  return stage_ == Stage::ready || takes_octets();
}

// Whatever says or does something by itself must not come before the answers to what is held.
bool Session::must_wait(Framer::Event event) const noexcept {
  if (held_.empty()) return false;
  if (event == Framer::Event::error) return true;
  return event == Framer::Event::literal && !task_ && literal_use(framer_.text()) != LiteralUse::streamed;
}

Joins Session::joins_of_text() const noexcept {
  if (framer_.undecided()) return Joins::append;
  switch (look_for_store(framer_.text())) {
    case StoreLook::plain:
      return Joins::store;
    case StoreLook::conditional:
      // The first of these is told HIGHESTMODSEQ (RFC 7162 §3.1).
      return context_.enabled.condstore ? Joins::store : Joins::nothing;
    case StoreLook::other:
      break;
  }
  return Joins::nothing;
}

// A synchronising literal is asked for with a line of its own.
bool Session::is_early(Joins joins) const noexcept {
  if (joins == Joins::nothing || (!held_.empty() && joins != held_kind_)) return false;
  return !framer_.undecided() || !framer_.literal().synchronising;
}

void Session::run_early() {
  if (closing_ || !context_.account) return;
  const bool is_new = stage_ == Stage::command;
  if (!is_new && (stage_ != Stage::task || !task_due_)) return;
  if (!is_early(is_new ? joins_of_text() : task_->joins())) return;
  context_.early = true;
  try {
    if (is_new) run_command(pending_);
    if (stage_ == Stage::task && task_->joins() != Joins::nothing) {
      bool yields = false;
      run_task(pending_, 0, yields);
    }
  } catch (...) {
    context_.early = false;
    throw;
  }
  context_.early = false;
}

void Session::hold() {
  held_kind_ = task_->joins();
  held_octets_ += task_->held_octets();
  if (held_kind_ == Joins::append) {
    const Usage held = static_cast<const AppendTask&>(*task_).held();
    context_.batch.held.bytes += held.bytes;
    context_.batch.held.messages += held.messages;
  }
  held_.push_back({std::exchange(tag_, {}), sync_, std::move(task_)});
  stage_ = Stage::ready;
  let_go_of_text();
}

void Session::carry_out() {
  std::vector<Task*> tasks;
  tasks.reserve(held_.size());
  for (const Held& held : held_) tasks.push_back(held.task.get());
  context_.batch = {};
  later_ = std::make_unique<Later>(Later{stage_, task_due_, task_step_, sync_, std::exchange(tag_, {}),
                                         std::exchange(answer_, {}), std::move(task_),
                                         std::exchange(updates_, std::nullopt)});
  tasks.front()->carry_out(context_, tasks);
  answered_ = 0;
  take_up_held();
}

void Session::take_up_held() {
  Held& held = held_[answered_];
  tag_ = std::move(held.tag);
  context_.tag = tag_;
  sync_ = held.sync;
  task_ = std::move(held.task);
  stage_ = Stage::task;
  task_due_ = true;
  last_output_ = context_.now;
}

// One of them is answered.
void Session::after_held() {
  if (++answered_ < held_.size()) return take_up_held();
  held_.clear();
  held_octets_ = 0;
  const std::unique_ptr<Later> later = std::exchange(later_, nullptr);
  stage_ = later->stage;
  task_due_ = later->task_due;
  task_step_ = later->task_step;
  sync_ = later->sync;
  tag_ = std::move(later->tag);
  context_.tag = tag_;
  answer_ = std::move(later->answer);
  task_ = std::move(later->task);
  updates_ = later->updates;
}

}  // namespace postfach::imap
