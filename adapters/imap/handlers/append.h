// APPEND (RFC 9051 §6.3.12): the one command whose argument never is in memory as a whole.
//
// It begins at the announcement of its literal: what can be refused is refused before the client sends the message.
// Then the octets go into the spool as they come, and step() stores them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "imap/command/append.h"
#include "postfach/mailbox.h"
#include "task.h"

namespace postfach::imap {

class AppendTask : public Task {
 public:
  // An answer if the message is refused.
  static std::variant<Answer, std::unique_ptr<AppendTask>> begin(Context& context, Append append);

  // The next octets of the message.
  void data(std::string_view octets);
  // What follows the message is no end of the command.
  void spoil(Answer answer) { trouble_ = std::move(answer); }

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;

 private:
  AppendTask(Mailbox target, NewMessage message) : target_(std::move(target)), message_(std::move(message)) {}

  Mailbox target_;
  NewMessage message_;
  std::optional<Answer> trouble_;
};

}  // namespace postfach::imap
