// A turn of the session: what has come is read and offered, and its answer is sent. It waits for nothing.
#include <algorithm>
#include <stdexcept>

#include "connection.h"

namespace postfach::net {
namespace {

// Output that waits for a client that has not logged in. Its answers are short, and anybody can ask for many of them.
constexpr std::size_t most_for_strangers = 4096;
// A session whose deadline does not move on is broken.
constexpr int most_deadlines_at_once = 16;

}  // namespace

void Connection::take_turn() {
  Clock::time_point now = Clock::now();
  const Clock::time_point end = now + kLongestBatch;
  session_->set_now(now);
  if (turn_events_.tls_started) session_->on_tls_started(stream_.tls_info());
  if (turn_events_.rung) session_->on_store_changed();
  if (turn_events_.goodbye) session_->on_shutdown();
  if (turn_events_.disconnected) session_->on_disconnect();
  come_due(now);

  for (;;) {
    output_limit_ = environment_->options.soft_output_limit;
    if (!session_->authenticated()) output_limit_ = std::min(output_limit_, most_for_strangers);
    session_->produce(out_, output_limit_);
    want_ = session_->want();
    if (out_.size() >= output_limit_) break;
    if (want_ == Want::read && (!input_.empty() || fetch())) {
      offer();
    } else if (want_ != Want::write) {
      break;
    }
    // What has come already is carried out together.
    while ((now = Clock::now()) < end && session_->may_join() && (!input_.empty() || fetch())) offer();
    if (now >= end) break;
    session_->set_now(now);
  }
  deadline_ = session_->deadline();
  if (session_->authenticated()) {
    login_end_ = Clock::time_point::max();
  } else if (deadline_) {
    login_end_ = *deadline_;
  }  // else it says goodbye, and that does not give the client more time
}

void Connection::offer() {
  const std::size_t taken = session_->receive({input_.data(), input_.size()});
  want_ = session_->want();
  if (taken > input_.size()) throw std::logic_error("the session took more than it was offered");
  if (taken == 0 && (want_ == Want::read || session_->may_join())) {
    throw std::logic_error("the session wants to read and takes nothing");
  }
  input_.consume(taken);
}

void Connection::come_due(Clock::time_point now) {
  for (int times = 0;; ++times) {
    const Want want = session_->want();
    const auto due = session_->deadline();
    if (!due || now < *due || (want != Want::read && want != Want::wait)) return;
    if (times == most_deadlines_at_once) throw std::logic_error("the session's deadline does not move on");
    session_->on_deadline();
  }
}

// Reads once. False if there is nothing to be had now; at_end_ and lost_ tell if there never will be.
bool Connection::fetch() {
  if (!may_read_ || at_end_ || lost_) return false;
  may_read_ = false;  // first: the handler of the socket may say otherwise meanwhile
  const Stream::Transfer transfer = stream_.read(input_.space(), environment_->buffers.size());
  switch (transfer.status) {
    case Stream::Status::done:
      input_.filled(transfer.size);
      if (stream_.may_have_more()) may_read_ = true;
      return true;
    case Stream::Status::want_read:
    // Only while the answer to a change of keys waits for room in the socket, and that goes out with our next output.
    case Stream::Status::want_write:
      return false;
    case Stream::Status::closed:
      at_end_ = true;
      return false;
    case Stream::Status::failed:
      lost_ = true;
      return false;
  }
  return false;
}

// On the workers: an answer need not wait until the strand is awake. But the last one waits until all of the session can go
// (see serve()).
void Connection::send_early() noexcept {
  if (lost_ || want_ == Want::close || send() != Sent::failed) return;
  lost_ = true;
}

Connection::Sent Connection::send() noexcept {
  if (want_ == Want::close) stream_.hold_back();
  while (sent_ < out_.size()) {
    may_write_ = false;
    const Stream::Transfer transfer = stream_.write(out_.data() + sent_, out_.size() - sent_);
    if (transfer.status == Stream::Status::want_write) return Sent::blocked;
    if (transfer.status != Stream::Status::done) return Sent::failed;
    sent_ += transfer.size;
  }
  out_.clear();
  sent_ = 0;
  return Sent::all;
}

// Throws away what the client still sends. False when it has closed, too.
bool Connection::discard() noexcept {
  const Stream::Status status = stream_.discard();
  may_read_ = status == Stream::Status::done;
  return status == Stream::Status::done || status == Stream::Status::want_read;
}

void Connection::park() {
  input_.park();
  stream_.park();
}

// An idle connection keeps no buffer.
void Connection::free_buffers() {
  park();
  if (out_.capacity() > std::string().capacity()) std::string().swap(out_);
}

}  // namespace postfach::net
