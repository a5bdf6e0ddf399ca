// What a POP3 session sees of an account and does to it, as Account::maildrop() and Account::update_maildrop() have it; the
// POP3 adapter does this for you. See maildrop_policy.h for what can be chosen.
#pragma once

#include <cstdint>
#include <string>

#include "postfach/mailbox.h"
#include "postfach/maildrop_policy.h"
#include "postfach/types.h"

namespace postfach {

// One mailbox of a maildrop: its messages with UIDs from `first` up to but not including `end`, without those that have
// MessageView::is_hidden_from_pop3 or an internal date before `not_before`.
struct MaildropPart {
  Mailbox mailbox;
  Uid first = 1;
  Uid end = 1;
  std::int64_t not_before = INT64_MIN;  // seconds since 1970-01-01T00:00:00Z
};

// What a POP3 session did in one mailbox.
struct MaildropUpdate {
  Mailbox mailbox;
  UidSet retrieved;
  UidSet deleted;
};

struct MaildropUpdated {
  std::uint64_t deleted = 0;  // messages that the maildrop does not show any more
  std::uint64_t seen = 0;     // that got \Seen
};

// Names a message for set_uidls().
struct MessageUidl {
  Mailbox mailbox;
  Uid uid = 0;
  std::string uidl;  // 1..70 octets of 0x21..0x7E (RFC 1939 §7); empty: the one that the store makes
};

}  // namespace postfach
