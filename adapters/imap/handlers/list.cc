// LIST (RFC 9051 §6.3.9, RFC 3501 §6.3.8), LSUB (RFC 3501 §6.3.9) and XLIST.
//
// Special-use attributes are in all of them without being asked for: mail programs make folders of their own where they
// don't see them (RFC 6154 §2 allows it). Those of XLIST belong to XLIST.
#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/state/capability.h"
#include "list_task.h"
#include "status.h"

namespace postfach::imap {
namespace {

// The capability that a part of the command belongs to and that this client is not offered; empty: none.
std::string_view missing_capability(const Context& context, const List& list) {
  const bool rev2 = context.enabled.rev2;  // the rest is part of it (RFC 9051 Appendix E)
  const ListSelection& selection = list.selection;
  const bool uses_special_use = selection.special_use || list.wanted.special_use;
  if (uses_special_use && !offers(context, "SPECIAL-USE")) return "SPECIAL-USE";
  if (list.wanted.status && !rev2 && !offers(context, "LIST-STATUS")) return "LIST-STATUS";
  const bool uses_extended = selection.subscribed || selection.remote || selection.recursive_match ||
                             list.wanted.subscribed || list.has_pattern_list;
  if (rev2 || offers(context, "LIST-EXTENDED")) return {};
  const bool is_children_alone = list.wanted.children && offers(context, "CHILDREN");
  const bool has_other_option = uses_special_use || list.wanted.status || is_children_alone;
  if (uses_extended || (list.is_extended && !has_other_option)) return "LIST-EXTENDED";
  return {};
}

Outcome start(Context& context, const List& list, Listing listing) {
  for (const std::string& pattern : list.patterns) {
    if (!listing.patterns.add(list.reference, pattern)) return no("Too many mailbox patterns", "LIMIT");
  }
  if (list.patterns.empty()) return ok(listing.text);
  const auto wanted =
      listing.only_subscribed && !listing.only_special_use ? MailboxNames::and_subscribed : MailboxNames::existing;
  Result<std::vector<MailboxInfo>> names = context.account->mailboxes(wanted, listing.patterns.prefix());
  if (!names) return failed(names.error());
  listing.utf8 = context.enabled.utf8_names();
  listing.told = told_attributes(context);
  if (list.wanted.children) listing.told.children = true;
  if (listing.response == Listing::Response::xlist) listing.told.special_use = true;
  if (listing.response == Listing::Response::lsub) {
    listing.told.children = false;
    listing.parents = listing.patterns.has_percent();
  }
  return std::make_unique<ListTask>(std::move(listing), *std::move(names));
}

}  // namespace

// REMOTE asks for the mailboxes of other servers too, of which there are none (RFC 9051 §6.3.9.1).
Outcome handle_list(Context& context, const List& list, std::string& out) {
  if (list.asks_root) {
    append_list_root(out, "LIST");
    return ok("List completed");
  }
  if (const std::string_view name = missing_capability(context, list); !name.empty()) {
    return bad(std::string(name) + " is not supported");
  }
  Listing listing{.text = "List completed"};
  listing.only_subscribed = list.selection.subscribed;
  listing.only_special_use = list.selection.special_use;
  listing.parents = list.selection.recursive_match;
  listing.tell_subscribed = list.wanted.subscribed || list.selection.subscribed;
  if (list.wanted.status) {
    if (auto problem = prepare_status_items(context, list.wanted.status_items, out)) return *std::move(problem);
    listing.status = list.wanted.status_items;
  }
  return start(context, list, std::move(listing));
}

Outcome handle_lsub(Context& context, const List& list, std::string&) {
  return start(context, list, {.response = Listing::Response::lsub, .only_subscribed = true, .text = "Lsub completed"});
}

// What Gmail had before RFC 6154, and what Outlook 2013 and Thunderbird look for.
Outcome handle_xlist(Context& context, const List& list, std::string& out) {
  if (list.asks_root) {
    append_list_root(out, "XLIST");
    return ok("Xlist completed");
  }
  return start(context, list, {.response = Listing::Response::xlist, .text = "Xlist completed"});
}

}  // namespace postfach::imap
