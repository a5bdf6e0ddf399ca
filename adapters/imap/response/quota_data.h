// QUOTA and QUOTAROOT (RFC 9208 §4.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postfach/quota.h"

namespace postfach::imap {

// root: as a mailbox name in UTF-8, or "". What has no limit is left out.
void append_quota(std::string& out, std::string_view root, const QuotaStatus& status, bool utf8 = false);
void append_quota_root(std::string& out, std::string_view mailbox, const std::vector<std::string>& roots,
                       bool utf8 = false);

}  // namespace postfach::imap
