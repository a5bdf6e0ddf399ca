// Writes the mail of an account as files that other systems read: Maildir++ and mbox.
//
// Nothing is locked meanwhile: mail that comes during an export may be in it or not, each message is whole. Files get mode
// 0600 and folders 0700. Memory is bounded, whatever the size of a message: some 200 octets for each that the Maildir has.
// All functions block for the disk; what is reported is on it, and survives power loss. One thread per call; any number of
// calls at once, to different paths.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "postfach/account.h"
#include "postfach/result.h"

namespace postfach {

// Where an export is; octets are those of the messages.
struct ExportProgress {
  std::uint64_t messages = 0;
  std::uint64_t total_messages = 0;
  std::uint64_t octets = 0;
  std::uint64_t total_octets = 0;
};

struct ExportOptions {
  std::string mailbox = {};  // this one alone; empty: all mailboxes of the account
  // A message whose lines all end in CRLF is written with LF, as programs on Unix expect it, and comes back with CRLF by
  // import.h and any mail server. Any other message is always written as it is, and so are all if this is false.
  bool unix_line_ends = true;
  // Called after each message; false stops the export.
  std::function<bool(const ExportProgress&)> progress = {};
};

struct ExportReport {
  std::uint64_t mailboxes = 0;
  std::uint64_t messages = 0;  // that were written
  std::uint64_t octets = 0;    // of them, as they are in the mailboxes
  std::uint64_t present = 0;   // were there already
  // What can't be said in the format, one sentence each, for operators; the first thousand.
  std::vector<std::string> problems;
  std::uint64_t problem_count = 0;
};

// A Maildir++ at path, which does not exist, is an empty folder, or holds an earlier export of the account, also one that
// broke off. That is brought up to date: messages that are missing are written, flags are made what they are now;
// messages that the account has lost since stay, with their UIDs. Nobody else may change it meanwhile. INBOX, or the one mailbox, is the Maildir itself; the
// others are its subfolders. Flags are in the file names, the internal date is the modification time. Dovecot finds UIDs,
// UIDVALIDITY and POP3 UIDLs in dovecot-uidlist, keywords in dovecot-keywords (26 for each mailbox at most),
// subscriptions in subscriptions, and so keeps them all.
// Errors: already_exists (path holds something else, or other mail under the same UIDs), not_permitted (`progress` said so), unavailable, and those of the account.
Result<ExportReport> export_maildir(const Account& account, const std::string& path, const ExportOptions& options = {});

// One mbox file at path for the one mailbox, which must not exist; or, for an account, a folder at path, which does not
// exist or is empty, with a file for each mailbox: "INBOX.mbox", "Archive/2026.mbox". The form is mboxrd: ">" stands
// before lines that begin with any number of ">" and "From ". The From line has the internal date in UTC. Flags,
// keywords, UIDs and UIDVALIDITY are in the fields Status, X-Status, X-Keywords, X-UID and X-IMAPbase in front of the
// header; fields of these names that the message has itself are left out. A message gets a line end at its end if it has
// none. An mbox can't be gone on with: nothing in it says whether it is whole.
// Errors: as export_maildir; already_exists also for an earlier export.
Result<ExportReport> export_mbox(const Account& account, const std::string& path, const ExportOptions& options = {});

}  // namespace postfach
