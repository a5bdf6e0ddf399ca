// Takes in mail that another system left as files: mbox and Maildir.
//
// What happens to the octets of a message:
// - Files of these formats are local text. Where the first line of a message ends in a bare LF, each LF of that message
//   without a CR before it becomes CRLF; any other message is taken exactly as it is. That is the only change beside the
//   From-quoting of mbox; Status fields and the like are read and stay in the message.
// - Memory is bounded, whatever the size of a file or message: octets stream into Spools.
//
// What identified a message stays with it (migrate.h): where the files tell UIDs and UIDVALIDITY, a mailbox that is new or
// empty takes them over, so that mail programs need not fetch anything again; POP3 UIDLs are kept unless another message
// of the account has the same one.
//
// Messages are stored in batches, each in one transaction: a batch is in the mailbox as a whole or not at all. An import
// that was broken off, or that runs again later, adds what is missing, and nothing twice. All functions block for the
// disk. One thread per call; any number of calls at once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/account.h"
#include "postfach/message.h"
#include "postfach/result.h"

namespace postfach {

// Where an import is; octets are those of the files.
struct ImportProgress {
  std::uint64_t messages = 0;        // read so far; those of the last batch may not be stored yet
  std::uint64_t total_messages = 0;  // 0: not known
  std::uint64_t octets = 0;
  std::uint64_t total_octets = 0;  // 0: not known
};

// How "From " at the start of a line of text was written.
enum class MboxQuoting : std::uint8_t {
  mboxrd,  // ">From ", ">>From " and so on lose one '>'
  mboxo,   // only ">From " does
  none,    // nothing was quoted
};

// Where the folders of a Maildir are.
enum class MaildirLayout : std::uint8_t {
  automatic,   // fs where there is no folder of Maildir++
  maildir_pp,  // ".Archive.2026" in the Maildir itself
  fs,          // folders in folders, "Archive/2026", whatever their names begin with: Dovecot's LAYOUT=fs
};

struct ImportOptions {
  // Made if it does not exist. The subfolders of a Maildir become mailboxes of their own: of the account if this is
  // INBOX, else below this mailbox.
  std::string mailbox = "INBOX";
  // Under which name the import remembers what it has taken in. Empty: the path of a Maildir; for mbox files, whose
  // messages are known by their octets, all are one. Up to 1000 octets.
  std::string source = {};
  // How the POP3 server made the UIDLs that no file tells: Dovecot "%08Xu%08Xv" (its default), Courier "UID%u-%v", Cyrus
  // "%v.%u". %u is the UID, %v the UIDVALIDITY, %f the name of the file; X is for hex digits. Only for what
  // POP3 showed: the Maildir itself, not its subfolders. Empty: new UIDLs.
  std::string uidl_format = {};
  bool subscribe = true;  // to what was subscribed
  MaildirLayout layout = MaildirLayout::automatic;
  MboxQuoting quoting = MboxQuoting::mboxrd;  // messages with a correct Content-Length are never unquoted (mboxcl2)
  // Called after each message; false stops the import, what was read before is stored.
  std::function<bool(const ImportProgress&)> progress = {};
};

struct ImportReport {
  std::uint64_t messages = 0;  // stored
  std::uint64_t present = 0;   // that an earlier import has brought
  std::uint64_t octets = 0;    // of the stored messages, as they are in the mailbox
  // What was skipped or changed, one sentence each, for operators; the first thousand.
  std::vector<std::string> problems;
  std::uint64_t problem_count = 0;
  // Why the import ended before its end, if it did (not_permitted: `progress` said so). What `messages` counts is
  // stored all the same.
  std::optional<Error> stopped_by;
};

// An mbox file (RFC 4155 and its relatives mboxo, mboxrd, mboxcl2). A message begins at the start of the file, and at a
// line "From " + sender + date behind an empty line, or where a Content-Length ends exactly before one. Flags come from
// Status, X-Status, X-Keywords and X-Mozilla-Status; the internal date from the From line, else Received, else Date; UIDs
// from X-UID and X-IMAPbase (or X-IMAP, whose message is left out), UIDLs from X-UIDL.
// Errors: not_found, unavailable (the file), invalid_argument (no mbox, no regular file, uidl_format), and those of the
// mailbox.
Result<ImportReport> import_mbox(const Account& account, const std::string& path, const ImportOptions& options = {});

// A Maildir with its subfolders: of Maildir++ (".Archive.2026" is "Archive/2026"), or folders in folders ("Archive/2026");
// symbolic links are left out of these. With MaildirLayout::fs INBOX may be a folder, and path no Maildir itself. Flags
// come from the file names, keywords from dovecot-keywords or courierimapkeywords, UIDs from dovecot-uidlist or
// courierimapuiddb, UIDLs from dovecot-uidlist or courierpop3dsizelist, subscriptions from subscriptions or
// courierimapsubscribed; the internal date is the file's modification time. Sizes in file names are not believed.
// Errors: not_found, unavailable, invalid_argument (no Maildir, uidl_format), and those of the mailboxes.
Result<ImportReport> import_maildir(const Account& account, const std::string& path, const ImportOptions& options = {});

// One message of local text, with the rule for line ends above: for a message from standard input.
class LocalText {
 public:
  // What is stored of these octets, which are cut anywhere. Valid until the next call, and as long as they are.
  std::string_view convert(std::string_view octets);

 private:
  enum class Mode : std::uint8_t { unknown, keep, convert };

  Mode mode_ = Mode::unknown;
  bool after_cr_ = false;
  std::string converted_;
};

}  // namespace postfach
