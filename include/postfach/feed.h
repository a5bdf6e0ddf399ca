// What has changed in a whole account since a MODSEQ: for a host that pushes notifications, mirrors or indexes mail, and
// goes on after a restart where it had been.
//
//     auto changes = account.changes(since).value();
//     for (const auto& mailbox : changes.mailboxes) handle(mailbox);
//     remember(since = changes.modseq);
//
// Account::watch() says when to ask.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postfach/changes.h"
#include "postfach/types.h"

namespace postfach {

struct MailboxChange {
  MailboxId id{};
  std::string name;                          // as it is now; of a removed mailbox as it was
  bool is_made = false;                      // since then
  bool is_removed = false;                   // then `changes` is empty; with is_made: it came and went
  std::optional<std::string> old_name = {};  // it was renamed, and had this name then
  UidValidity uid_validity = 0;              // 0 of a removed one
  Changes changes;                           // of its messages
};

struct AccountChanges {
  ModSeq modseq = 0;  // ask again with this value
  // False: the logs no longer reach back to the given MODSEQ. Then removed and renamed mailboxes may be missing, and
  // `added` may hold messages whose flags alone have changed: compare with Account::mailboxes() and Mailbox::uids().
  bool is_complete = true;
  std::vector<MailboxChange> mailboxes;  // sorted by name; removed ones last, in the order of their removal
};

}  // namespace postfach
