// STATUS (RFC 9051 §6.3.11, RFC 3501 §6.3.10).
#include "status.h"

#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/state/updates.h"

namespace postfach::imap {

std::optional<Answer> prepare_status_items(Context& context, const StatusItems& items, std::string& out) {
  // RFC 9051 has no \Recent.
  if (items.recent && context.enabled.rev2) return bad("Unknown STATUS item");
  if (items.highest_modseq) {
    if (!offers_condstore(context)) return bad("Unknown STATUS item");
    enable_condstore(context, out);
  }
  return std::nullopt;
}

// Also for the selected mailbox: clients do it.
Outcome handle_status(Context& context, const Status& status, std::string& out) {
  if (auto problem = prepare_status_items(context, status.items, out)) return *std::move(problem);
  const Result<MailboxInfo> info = context.account->mailbox_info(status.mailbox);
  if (!info) return failed(info.error());
  if (!info->selectable) return failed({Errc::not_found, {}});
  append_status(out, status.mailbox, status.items, info->id, info->status, context.enabled.utf8_names());
  return ok("Status completed");
}

}  // namespace postfach::imap
