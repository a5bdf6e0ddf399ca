// COPY and MOVE (RFC 9051 §6.4.7, §6.4.8), with COPYUID (RFC 4315 §3).
#include "handlers.h"
#include "imap/state/capability.h"

namespace postfach::imap {
namespace {

enum class Transfer : std::uint8_t { copy, move };

Outcome transfer(Context& context, const Copy& arguments, Transfer kind, bool uid, std::string& out) {
  Selected& selected = *context.selected;
  if (kind == Transfer::move && selected.read_only()) return read_only();
  const std::optional<UidSet> uids = selected.resolve(arguments.messages, uid);
  if (!uids) return bad_numbers();
  const Result<Mailbox> target = context.account->mailbox(arguments.mailbox);
  if (!target) return failed_target(target.error());

  const std::string_view text = kind == Transfer::copy ? "Copy completed" : "Move completed";
  if (uids->empty()) return ok(text);  // UIDs that do not exist
  const Result<Copied> copied =
      kind == Transfer::copy ? selected.mailbox().copy(*uids, *target) : selected.mailbox().move(*uids, *target);
  if (!copied) return failed(copied.error());
  if (copied->source.empty()) return no("The messages were expunged", "EXPUNGEISSUED");
  std::string code = offers_uid_codes(context) ? code_copy_uid(*copied) : std::string();
  if (kind == Transfer::copy) return ok(text, std::move(code));
  // RFC 6851 §4.3: COPYUID before the EXPUNGE responses, which come with the updates that end the command.
  if (!code.empty()) append_untagged(out, Condition::ok, code, "Moved");
  selected.mark_expunged(copied->source);
  return ok(text);
}

}  // namespace

Outcome handle_copy(Context& context, const Copy& copy, std::string& out) {
  return transfer(context, copy, Transfer::copy, false, out);
}
Outcome handle_uid_copy(Context& context, const Copy& copy, std::string& out) {
  return transfer(context, copy, Transfer::copy, true, out);
}
Outcome handle_move(Context& context, const Copy& copy, std::string& out) {
  return transfer(context, copy, Transfer::move, false, out);
}
Outcome handle_uid_move(Context& context, const Copy& copy, std::string& out) {
  return transfer(context, copy, Transfer::move, true, out);
}

}  // namespace postfach::imap
