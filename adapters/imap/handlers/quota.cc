// GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208 §4.1).
//
// The account's quota root is "". A mailbox with limits of its own has one beside it, of its own name. What groups of
// accounts share is not told: it says what others use (RFC 9208 §8).
#include "handlers.h"
#include "imap/response/quota_data.h"

namespace postfach::imap {
namespace {

bool has_limits(const Quota& quota) noexcept { return quota.bytes || quota.messages || quota.mailboxes; }

// Of the mailbox alone. Errors: not_found.
Result<QuotaStatus> mailbox_quota(const Account& account, const std::string& name) {
  const Result<Mailbox> mailbox = account.mailbox(name);
  if (!mailbox) return mailbox.error();
  const Result<Quota> quota = mailbox->quota();
  if (!quota) return quota.error();
  const Result<MailboxStatus> status = mailbox->status();
  if (!status) return status.error();
  return QuotaStatus{.quota = *quota, .usage = {status->bytes, status->messages}};
}

}  // namespace

Outcome handle_get_quota(Context& context, const GetQuota& command, std::string& out) {
  const Result<QuotaStatus> status =
      command.root.empty() ? context.account->quota_status() : mailbox_quota(*context.account, command.root);
  if (!status) return failed(status.error());
  if (!command.root.empty() && !has_limits(status->quota)) return no("No such quota root", "NONEXISTENT");
  append_quota(out, command.root, *status, context.enabled.utf8_names());
  return ok("Quota told");
}

// The mailbox need not exist (RFC 9208 §4.1.2). An account without limits has no root: an empty list of resources is
// more than some clients can read.
Outcome handle_get_quota_root(Context& context, const GetQuotaRoot& command, std::string& out) {
  const bool utf8 = context.enabled.utf8_names();
  const Result<QuotaStatus> whole = context.account->quota_status();
  if (!whole) return failed(whole.error());
  const Result<QuotaStatus> part = mailbox_quota(*context.account, command.mailbox);
  if (!part && part.error().code != Errc::not_found) return failed(part.error());
  std::vector<std::string> roots;
  if (has_limits(whole->quota)) roots.emplace_back();
  if (part && has_limits(part->quota)) roots.push_back(command.mailbox);
  append_quota_root(out, command.mailbox, roots, utf8);
  for (const std::string& root : roots) append_quota(out, root, root.empty() ? *whole : *part, utf8);
  return ok("Quota roots told");
}

Outcome handle_set_quota(Context&, const SetQuota&, std::string&) {
  return no("Quotas are set by the provider alone", "NOPERM");
}

}  // namespace postfach::imap
