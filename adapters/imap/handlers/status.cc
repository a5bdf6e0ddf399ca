// STATUS (RFC 9051 §6.3.11, RFC 3501 §6.3.10).
#include "status.h"

#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/state/capability.h"
#include "imap/state/updates.h"

namespace postfach::imap {

namespace {

// What is not offered is answered as if it were unknown.
bool are_offered(const Context& context, const StatusItems& items) {
  const bool rev2 = context.enabled.rev2;
  // RFC 9051 has no \Recent, but SIZE.
  return !(items.recent && rev2) && (!items.deleted || offers(context, "IMAP4rev2") || offers(context, "QUOTA")) &&
         (!items.deleted_storage || offers(context, "QUOTA")) &&
         (!items.size || rev2 || offers(context, "STATUS=SIZE")) &&
         (!items.highest_modseq || offers_condstore(context)) &&
         (!items.append_limit || offers(context, "APPENDLIMIT")) && (!items.mailbox_id || offers(context, "OBJECTID"));
}

}  // namespace

std::optional<Answer> prepare_status_items(Context& context, const StatusItems& items, std::string& out) {
  if (!are_offered(context, items)) return bad("Unknown STATUS item");
  if (items.highest_modseq) enable_condstore(context, out);
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
