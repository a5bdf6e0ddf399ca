// What a client is told of a mailbox in LIST, LSUB and XLIST, whichever command the response belongs to.
#pragma once

#include "imap/response/mailbox_data.h"
#include "imap/state/context.h"

namespace postfach::imap {

// Attributes of capabilities that the host may have switched off.
struct ToldAttributes {
  bool children = true;     // CHILDREN (RFC 3348), or IMAP4rev2
  bool special_use = true;  // SPECIAL-USE (RFC 6154)
};
ToldAttributes told_attributes(const Context& context);

// All that may be told of a mailbox, but \Subscribed.
ListAttributes attributes_of(const MailboxInfo& info, ToldAttributes told) noexcept;

}  // namespace postfach::imap
