#include "quota.h"

namespace postfach::imap {

// getquota = "GETQUOTA" SP quota-root-name
std::optional<GetQuota> parse_get_quota(Scanner& in) {
  GetQuota command;
  if (in.sp() && in.mailbox_as_written(command.root) && in.end()) return command;
  return std::nullopt;
}

// getquotaroot = "GETQUOTAROOT" SP mailbox
std::optional<GetQuotaRoot> parse_get_quota_root(Scanner& in) {
  GetQuotaRoot command;
  if (in.sp() && in.mailbox_as_written(command.mailbox) && in.end()) return command;
  return std::nullopt;
}

// setquota      = "SETQUOTA" SP quota-root-name SP setquota-list
// setquota-list = "(" [setquota-resource *(SP setquota-resource)] ")"
std::optional<SetQuota> parse_set_quota(Scanner& in) {
  SetQuota command;
  if (!in.sp() || !in.mailbox_as_written(command.root) || !in.sp() || !in.expect('(')) return std::nullopt;
  if (!in.skip(')')) {
    do {
      std::string_view resource;
      std::uint64_t limit = 0;
      if (!in.atom(resource) || !in.sp() || !in.number64(limit)) return std::nullopt;
    } while (in.skip(' '));
    if (!in.expect(')')) return std::nullopt;
  }
  if (in.end()) return command;
  return std::nullopt;
}

}  // namespace postfach::imap
