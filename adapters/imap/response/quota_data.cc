#include "quota_data.h"

#include "base/ascii.h"
#include "imap/wire/writer.h"

namespace postfach::imap {
namespace {

void append_root(std::string& out, std::string_view root, bool utf8) {
  if (root.empty()) {
    out += "\"\"";
  } else {
    append_mailbox(out, root, utf8);
  }
}

// RFC 9208 §5.1: units of 1024 octets. Rounded up, so that neither something in use nor a limit looks like nothing.
std::uint64_t units(std::uint64_t octets) noexcept { return octets / 1024 + (octets % 1024 != 0 ? 1 : 0); }

}  // namespace

void append_quota(std::string& out, std::string_view root, const QuotaStatus& status, bool utf8) {
  out += "* QUOTA ";
  append_root(out, root, utf8);
  out += " (";
  bool is_first = true;
  const auto put = [&](std::string_view name, std::uint64_t used, std::uint64_t most) {
    if (!is_first) out += ' ';
    is_first = false;
    out += name;
    out += ' ';
    base::append_number(out, used);
    out += ' ';
    base::append_number(out, most);
  };
  if (status.quota.bytes) put("STORAGE", units(status.usage.bytes), units(*status.quota.bytes));
  if (status.quota.messages) put("MESSAGE", status.usage.messages, *status.quota.messages);
  if (status.quota.mailboxes) put("MAILBOX", status.mailboxes, *status.quota.mailboxes);
  out += ")\r\n";
}

void append_quota_root(std::string& out, std::string_view mailbox, const std::vector<std::string>& roots, bool utf8) {
  out += "* QUOTAROOT ";
  append_mailbox(out, mailbox, utf8);
  for (const std::string& root : roots) {
    out += ' ';
    append_root(out, root, utf8);
  }
  out += "\r\n";
}

}  // namespace postfach::imap
