#include "reply.h"

#include "base/ascii.h"

namespace postfach::lmtp {

void append_reply(std::string& out, const Reply& reply) {
  base::append_number(out, reply.code);
  out += ' ';
  if (!reply.status.empty()) {
    out += reply.status;
    out += ' ';
  }
  out += reply.text;
  out += "\r\n";
}

Reply reply_for(const RecipientResult& result) noexcept {
  const auto text_or = [&](std::string_view otherwise) {
    return result.text.empty() ? otherwise : std::string_view(result.text);
  };
  switch (result.status) {
    case DeliveryStatus::accepted:
      return {250, "2.1.5", "Recipient OK"};
    case DeliveryStatus::stored:
      return {250, "2.0.0", "Stored as"};
    case DeliveryStatus::over_quota_now:
      return {452, "4.2.2", "Mailbox full"};
    case DeliveryStatus::over_quota_for_good:
      return {552, "5.2.2", "Mailbox full"};
    case DeliveryStatus::too_large:
      return {552, "5.2.3", "The message is larger than the mailbox takes"};
    case DeliveryStatus::unknown:
      return {550, "5.1.1", "No such mailbox here"};
    case DeliveryStatus::disabled:
      return {550, "5.2.1", "Mailbox disabled"};
    case DeliveryStatus::too_many:
      return {452, "4.5.3", "Too many recipients"};
    case DeliveryStatus::deferred:
      return {451, "4.3.0", text_or("Temporary failure, please try again later")};
    case DeliveryStatus::refused:
      break;
  }
  return {550, "5.7.1", text_or("Message refused")};
}

void append_recipient(std::string& out, const RecipientResult& result, std::string_view delivery_id) {
  const Reply reply = reply_for(result);
  std::string text = "<" + result.address + "> ";
  text += reply.text;
  if (result.status == DeliveryStatus::stored) {
    text += ' ';
    text += delivery_id;
  }
  append_reply(out, {reply.code, reply.status, text});
}

}  // namespace postfach::lmtp
