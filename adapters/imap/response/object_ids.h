// OBJECTID (RFC 8474): names for objects that outlive their place.
#pragma once

#include <string>

#include "postfach/types.h"

namespace postfach::imap {

// Of a mailbox, "F" and hex digits: the same as long as the mailbox exists, whatever its name is. Two mailboxes never
// have the same: an account gives no MailboxId twice, and UIDVALIDITY tells apart what a restored backup counts anew
// (RFC 8474 §4).
void append_mailbox_id(std::string& out, MailboxId id, UidValidity uid_validity);
// "MAILBOXID (F1234)", the response code of SELECT, EXAMINE and CREATE.
std::string code_mailbox_id(MailboxId id, UidValidity uid_validity);

}  // namespace postfach::imap
