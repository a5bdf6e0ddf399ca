#include "task.h"

namespace postfach::imap {

Answer failed(const Error& error) {
  const Reply reply = reply_for(error.code);
  return {reply.condition, std::string(reply.code), std::string(reply.text)};
}

Answer failed_target(const Error& error) {
  return error.code == Errc::not_found ? no("No such mailbox", "TRYCREATE") : failed(error);
}

Answer read_only() { return no("Mailbox is read-only", "READ-ONLY"); }

Answer bad_numbers() { return bad("No message with such a sequence number"); }

Answer uid_required() { return bad("Message numbers are not used after ENABLE UIDONLY", "UIDREQUIRED"); }

Answer ok_some_expunged(std::string_view text) { return ok(text, "EXPUNGEISSUED"); }

}  // namespace postfach::imap
