// Which mailboxes an account on an IMAP server has, and what they are called here.
#pragma once

#include <string>
#include <vector>

#include "imap_client.h"
#include "postfach/types.h"

namespace postfach::migrate {

struct RemoteMailbox {
  std::string raw;   // as the server writes it
  std::string name;  // UTF-8, levels separated by '/', without the prefix of the namespace
  SpecialUse use = SpecialUse::none;
  bool is_selectable = true;
  bool is_subscribed = false;
};

// Sorted, INBOX first and \All last. Errors: those of commands.
Result<std::vector<RemoteMailbox>> list_mailboxes(ImapClient& client);

}  // namespace postfach::migrate
