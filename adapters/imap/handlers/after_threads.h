// Commands that tell THREADIDs or look for them: mail that an older version of the store took in gets its threads first
// (Account::assign_threads). A message must not be told to have none, and then one (RFC 8474 §5.2).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "task.h"

namespace postfach::imap {

class AfterThreads : public Task {
 public:
  // must_succeed: without threads there is no answer.
  AfterThreads(std::unique_ptr<Task> task, bool must_succeed) : task_(std::move(task)), must_succeed_(must_succeed) {}

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;
  bool within_response() const override { return task_->within_response(); }
  std::optional<Progress> progress(const Context& context) const override {
    return is_ready_ ? task_->progress(context) : std::nullopt;
  }

 private:
  std::unique_ptr<Task> task_;
  bool must_succeed_;
  bool is_ready_ = false;
};

}  // namespace postfach::imap
