// SELECT and EXAMINE (RFC 9051 §6.3.2, RFC 3501 §6.3.1).
#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/state/updates.h"

namespace postfach::imap {
namespace {

Outcome select(Context& context, const std::string& name, bool read_only, std::string& out) {
  // Also if this fails: no mailbox is selected then.
  context.selected.reset();
  const Result<Mailbox> mailbox = context.account->mailbox(name);
  if (!mailbox) return failed(mailbox.error());
  // Watched before it is looked at, so that no change is missed.
  Subscription subscription = mailbox->watch([bell = context.bell] { bell->ring(); });
  Result<MailboxSnapshot> snapshot = mailbox->snapshot(!read_only);
  if (!snapshot) return failed(snapshot.error());
  const MailboxStatus status = snapshot->status;
  const Uid first_unseen = snapshot->first_unseen;
  context.selected = std::make_unique<Selected>(*mailbox, *std::move(snapshot), read_only, std::move(subscription));
  const Selected& selected = *context.selected;

  append_flags_line(out, selected.keywords());
  append_permanent_flags(out, selected);
  append_exists(out, selected.exists());
  append_recent(out, selected.recent());
  if (const std::uint32_t unseen = selected.number_of(first_unseen)) {
    append_untagged(out, Condition::ok, code_number("UNSEEN", unseen), "First unseen message");
  }
  append_untagged(out, Condition::ok, code_number("UIDVALIDITY", status.uid_validity), "UIDs valid");
  append_untagged(out, Condition::ok, code_number("UIDNEXT", status.uid_next), "Next UID");
  return read_only ? ok("Examine completed", "READ-ONLY") : ok("Select completed", "READ-WRITE");
}

}  // namespace

Outcome handle_select(Context& context, const Select& arguments, std::string& out) {
  return select(context, arguments.mailbox, false, out);
}

Outcome handle_examine(Context& context, const Select& arguments, std::string& out) {
  return select(context, arguments.mailbox, true, out);
}

}  // namespace postfach::imap
