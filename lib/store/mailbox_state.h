// A mailbox with the names of its keywords: what a transaction that puts messages or flags into it has to know.
#pragma once

#include "postfach/types.h"
#include "sqlite/mailboxes.h"

namespace postfach::store {

struct MailboxState {
  sqlite::MailboxRow row;
  KeywordNames keywords;
};

}  // namespace postfach::store
