#include "after_threads.h"

namespace postfach::imap {

Task::Step AfterThreads::step(Context& context, std::string& out, std::size_t soft_limit) {
  if (!is_ready_) {
    const Result<bool> is_left = context.account->assign_threads();
    if (!is_left && must_succeed_) return done(failed(is_left.error()));
    is_ready_ = !is_left || !*is_left;
    if (!is_ready_) return Step::yield;
  }
  const Step step = task_->step(context, out, soft_limit);
  return step == Step::done ? done(std::move(task_->answer())) : step;
}

}  // namespace postfach::imap
