// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.4 to §6.3.8).
#include "handlers.h"

namespace postfach::imap {
namespace {

template <class T>
Outcome answer(const Result<T>& result, std::string_view text) {
  if (!result) return failed(result.error());
  return ok(text);
}

}  // namespace

Outcome handle_create(Context& context, const Create& create, std::string&) {
  // RFC 6154 §3: without CREATE-SPECIAL-USE in the capabilities there is no USE.
  if (!create.uses.empty() || create.has_unknown_use) return bad("USE is not supported");
  return answer(context.account->create_mailbox(create.mailbox), "Create completed");
}

Outcome handle_delete(Context& context, const std::string& mailbox, std::string&) {
  const Result<Mailbox> target = context.account->mailbox(mailbox);
  const bool is_selected = context.selected && target && target->id() == context.selected->mailbox().id();
  const Result<void> removed = context.account->remove_mailbox(mailbox);
  // The client knows what it did: it is left without a selected mailbox, as other servers leave it.
  if (removed && is_selected) context.selected.reset();
  return answer(removed, "Delete completed");
}

Outcome handle_rename(Context& context, const Rename& rename, std::string&) {
  return answer(context.account->rename_mailbox(rename.from, rename.to), "Rename completed");
}

Outcome handle_subscribe(Context& context, const std::string& mailbox, std::string&) {
  return answer(context.account->subscribe(mailbox), "Subscribe completed");
}

Outcome handle_unsubscribe(Context& context, const std::string& mailbox, std::string&) {
  return answer(context.account->unsubscribe(mailbox), "Unsubscribe completed");
}

}  // namespace postfach::imap
