// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.4 to §6.3.8; RFC 6154 §3).
#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/response/object_ids.h"
#include "imap/state/capability.h"
#include "list_attributes.h"

namespace postfach::imap {
namespace {

template <class T>
Outcome answer(const Result<T>& result, std::string_view text) {
  if (!result) return failed(result.error());
  return ok(text);
}

// RFC 9051 §6.3.9.7: a client that named a mailbox in another form than the one in which the name is kept is told of
// both. supplied: what it wrote. kept_of: what that became, or what the mailbox is called now. Only to a client that
// expects such a response (RFC 5258 §3).
void tell_old_name(Context& context, std::string_view supplied, std::string_view kept_of, std::string& out) {
  if (!context.enabled.rev2) return;
  const Result<std::string> kept = canonical_mailbox_name(kept_of);
  if (!kept) return;
  ListAttributes attributes{.no_select = true, .non_existent = true};
  if (const Result<MailboxInfo> info = context.account->mailbox_info(*kept)) {
    attributes = attributes_of(*info, told_attributes(context));
  }
  append_list(out, attributes, *kept, context.enabled.utf8_names(), {.old_name = supplied});
}

// Whether a name, with or without a '/' at its end, is kept in another form.
bool is_kept_otherwise(std::string_view name) {
  if (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  const Result<std::string> kept = canonical_mailbox_name(name);
  return kept && *kept != name;
}

// RFC 6154 §3: nothing is created if the special use can't be had.
//
// A mailbox has one use at most, and no two mailboxes have the same: a mail program takes one of them, and another
// program the other. \All and \Flagged are for mailboxes that the server fills by itself, which we have none of.
std::optional<Answer> refuse_uses(const Context& context, const Create& create) {
  if (!create.has_use) return std::nullopt;
  if (!offers(context, "CREATE-SPECIAL-USE")) return bad("USE is not supported");
  if (create.has_unknown_use) return no("Unknown special use", "USEATTR");
  if (create.uses.size() > 1) return no("A mailbox has one special use at most", "USEATTR");
  for (const SpecialUse use : create.uses) {
    if (use == SpecialUse::all || use == SpecialUse::flagged) {
      return no(std::string(special_use_name(use)) + " is not supported", "USEATTR");
    }
  }
  return std::nullopt;
}

}  // namespace

Outcome handle_create(Context& context, const Create& create, std::string& out) {
  if (auto problem = refuse_uses(context, create)) return *std::move(problem);
  const SpecialUse use = create.uses.empty() ? SpecialUse::none : create.uses.front();
  const Result<Mailbox> mailbox = context.account->create_mailbox(create.mailbox, use);
  if (!mailbox && use != SpecialUse::none && mailbox.error().code == Errc::not_permitted) {
    return no("Another mailbox has this special use already", "USEATTR");
  }
  if (!mailbox) return failed(mailbox.error());
  if (is_kept_otherwise(create.mailbox)) tell_old_name(context, create.mailbox, create.mailbox, out);
  std::string code;
  if (offers(context, "OBJECTID")) {
    // Somebody may have deleted it already; the client will see that soon enough.
    if (const auto status = mailbox->status()) code = code_mailbox_id(mailbox->id(), status->uid_validity);
  }
  return ok("Create completed", std::move(code));
}

Outcome handle_delete(Context& context, const std::string& mailbox, std::string& out) {
  const Result<Mailbox> target = context.account->mailbox(mailbox);
  const bool is_selected = context.selected && target && target->id() == context.selected->mailbox().id();
  const Result<void> removed = context.account->remove_mailbox(mailbox);
  // The client knows what it did: it is left without a selected mailbox, as other servers leave it.
  if (removed && is_selected) context.selected.reset();
  if (removed && is_kept_otherwise(mailbox)) tell_old_name(context, mailbox, mailbox, out);
  return answer(removed, "Delete completed");
}

// Subscriptions stay with the old names (RFC 9051 §6.3.6): the client changes them itself if it wants to.
Outcome handle_rename(Context& context, const Rename& rename, std::string& out) {
  const Result<void> renamed = context.account->rename_mailbox(rename.from, rename.to);
  if (renamed && (is_kept_otherwise(rename.from) || is_kept_otherwise(rename.to))) {
    tell_old_name(context, rename.from, rename.to, out);
  }
  return answer(renamed, "Rename completed");
}

Outcome handle_subscribe(Context& context, const std::string& mailbox, std::string&) {
  return answer(context.account->subscribe(mailbox), "Subscribe completed");
}

Outcome handle_unsubscribe(Context& context, const std::string& mailbox, std::string&) {
  return answer(context.account->unsubscribe(mailbox), "Unsubscribe completed");
}

}  // namespace postfach::imap
