// EXPUNGE (RFC 9051 §6.4.3) and UID EXPUNGE (§6.4.9).
#include "handlers.h"

namespace postfach::imap {
namespace {

// The EXPUNGE responses come with the updates that end the command.
Outcome answer(Context& context, const Result<Expunged>& expunged) {
  if (!expunged) return failed(expunged.error());
  context.selected->mark_expunged(expunged->uids);
  return ok("Expunge completed");
}

}  // namespace

Outcome handle_expunge(Context& context, std::string&) {
  if (context.selected->read_only()) return read_only();
  return answer(context, context.selected->mailbox().expunge());
}

Outcome handle_uid_expunge(Context& context, const NumberSet& messages, std::string&) {
  if (context.selected->read_only()) return read_only();
  const UidSet uids = *context.selected->resolve(messages, true);
  if (uids.empty()) return ok("Expunge completed");
  return answer(context, context.selected->mailbox().expunge(uids));
}

}  // namespace postfach::imap
