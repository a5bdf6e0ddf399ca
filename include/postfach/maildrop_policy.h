// What POP3 shows of an account, and what it does with it: the policies that let POP3 and IMAP live on one account.
//
//     store.set_maildrop_policy("alice@example.org", MaildropPolicy{.on_delete = OnDelete::keep, .keep_days = 14}).value();
//
// Whatever the policy:
// - A POP3 client changes nothing before its QUIT, and what it changes is one transaction.
// - A message that anybody moved elsewhere (IMAP MOVE, a renamed INBOX) is never deleted by a POP3 session that began before,
//   nor later for what one did before: deletions name a mailbox and a UID.
// - A UIDL belongs to the message: the same after MOVE, RENAME and restarts, for every client, and never used again.
// - What a POP3 client has deleted does not come back to it, wherever the message is moved.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postfach {

// What becomes, at QUIT, of messages that a POP3 client has deleted.
enum class OnDelete : std::uint8_t {
  expunge,  // they are gone, for IMAP too
  hide,     // POP3 does not show them any more; IMAP does
  trash,  // moved to the mailbox with the special use \Trash (made if there is none); messages of that one are expunged
  keep,   // hidden at once, and expunged keep_days later
};

struct MaildropPolicy {
  OnDelete on_delete = OnDelete::expunge;
  // With OnDelete::keep: 1..36500.
  std::uint32_t keep_days = 30;
  // Whether a message that a client has retrieved with RETR has \Seen after QUIT. TOP never does that.
  bool retr_sets_seen = true;
  // The mailboxes that the maildrop shows, one after the other; 1 to 100 different ones. Those that do not exist are left
  // out.
  std::vector<std::string> mailboxes = {"INBOX"};
  // The window: only so many messages of each mailbox, those that came last. What has left it does not come back when
  // newer messages go, so that no client takes it for new. 0: all.
  std::uint32_t newest = 0;
  // Only messages whose internal date is at most so many days back. At most 36500. 0: all.
  std::uint32_t days = 0;
  // How long after a login the next one is refused (RFC 2449 §6.5), by each process for itself; up to a week. 0: never.
  std::chrono::seconds login_delay = std::chrono::seconds(0);
  // The server deletes, as on_delete says, messages that a client has left there, so many days after it first retrieved
  // them (RFC 2449 §6.7); 0: at QUIT. A message that no client has retrieved, or that was moved, stays. At most 36500.
  // none: never.
  std::optional<std::uint32_t> expire_days = {};

  bool operator==(const MaildropPolicy&) const = default;
};

// Of all policies that are in use, for clients that are not logged in yet (RFC 2449 §6.5, §6.7).
struct MaildropBounds {
  std::chrono::seconds login_delay = std::chrono::seconds(0);  // the longest
  bool login_delay_differs = false;                            // between accounts
  std::optional<std::uint32_t> expire_days = {};               // the fewest; none: never
  bool expire_days_differ = false;
};

}  // namespace postfach
