#include "status.h"

namespace postfach::imap {

bool parse_status_items(Scanner& in, StatusItems& items) {
  if (!in.expect('(')) return false;
  do {
    if (in.word("MESSAGES")) {
      items.messages = true;
    } else if (in.word("RECENT")) {
      items.recent = true;
    } else if (in.word("UIDNEXT")) {
      items.uid_next = true;
    } else if (in.word("UIDVALIDITY")) {
      items.uid_validity = true;
    } else if (in.word("UNSEEN")) {
      items.unseen = true;
    } else if (in.word("DELETED-STORAGE")) {
      items.deleted_storage = true;
    } else if (in.word("DELETED")) {
      items.deleted = true;
    } else if (in.word("SIZE")) {
      items.size = true;
    } else if (in.word("HIGHESTMODSEQ")) {
      items.highest_modseq = true;
    } else if (in.word("APPENDLIMIT")) {
      items.append_limit = true;
    } else if (in.word("MAILBOXID")) {
      items.mailbox_id = true;
    } else {
      return in.fail("Unknown STATUS item");
    }
  } while (in.skip(' '));
  return in.expect(')');
}

// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
std::optional<Status> parse_status(Scanner& in) {
  Status status;
  if (in.sp() && in.mailbox_as_written(status.mailbox) && in.sp() && parse_status_items(in, status.items) && in.end()) {
    return status;
  }
  return std::nullopt;
}

}  // namespace postfach::imap
