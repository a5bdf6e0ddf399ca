// GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208 §4.1).
#pragma once

#include <optional>
#include <string>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// A quota root, which is named as a mailbox or "".
struct GetQuota {
  std::string root;
};
std::optional<GetQuota> parse_get_quota(Scanner& in);

struct GetQuotaRoot {
  std::string mailbox;  // "inbox" as the client wrote it: the response repeats it
};
std::optional<GetQuotaRoot> parse_get_quota_root(Scanner& in);

// What it wants to set is of no interest: nobody may.
struct SetQuota {
  std::string root;
};
std::optional<SetQuota> parse_set_quota(Scanner& in);

}  // namespace postfach::imap
