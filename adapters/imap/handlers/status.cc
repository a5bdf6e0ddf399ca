#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/state/updates.h"

namespace postfach::imap {

// RFC 9051 §6.3.11. Also for the selected mailbox: clients do it.
Outcome handle_status(Context& context, const Status& status, std::string& out) {
  if (status.items.highest_modseq) {
    if (!offers_condstore(context)) return bad("Unknown STATUS item");
    enable_condstore(context, out);
  }
  const Result<Mailbox> mailbox = context.account->mailbox(status.mailbox);
  if (!mailbox) return failed(mailbox.error());
  const Result<MailboxStatus> counters = mailbox->status();
  if (!counters) return failed(counters.error());
  append_status(out, status.mailbox, status.items, *counters, context.enabled.utf8_names());
  return ok("Status completed");
}

}  // namespace postfach::imap
