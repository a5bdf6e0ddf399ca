// IMAP URLs of messages and their parts (RFC 5092), as CATENATE takes them (RFC 4469 §3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fetch.h"
#include "postfach/types.h"

namespace postfach::imap {

struct ImapUrl {
  // In UTF-8. Empty: the selected mailbox.
  std::string mailbox = {};
  // The reference did not begin with "/": mailbox stands beside the selected one (RFC 3986 §5.2.3).
  bool is_relative = false;
  UidValidity uid_validity = 0;  // 0: not given
  Uid uid = 0;
  Section section = {};
  std::uint64_t offset = 0;
  std::uint64_t size = kToTheEnd;
  bool operator==(const ImapUrl&) const = default;
};

// "/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.2/;PARTIAL=0.1024", "Drafts/;UID=20", ";UID=20". Nothing for any
// other: a scheme or a server ("imap://…", "//…") names another session, whoever that may be (RFC 4469 §3); a mailbox
// or a search is no message; URLAUTH (RFC 4467) is not offered.
std::optional<ImapUrl> parse_imap_url(std::string_view url);

}  // namespace postfach::imap
