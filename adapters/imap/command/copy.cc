#include "copy.h"

namespace postfach::imap {

// copy = "COPY" SP sequence-set SP mailbox
// move = "MOVE" SP sequence-set SP mailbox
std::optional<Copy> parse_copy(Scanner& in) {
  Copy copy;
  if (in.sp() && in.sequence_set(copy.messages) && in.sp() && in.mailbox(copy.mailbox) && in.end()) return copy;
  return std::nullopt;
}

// uid-expunge = "EXPUNGE" SP sequence-set
std::optional<NumberSet> parse_uid_expunge(Scanner& in) {
  NumberSet messages;
  if (in.sp() && in.sequence_set(messages) && in.end()) return messages;
  return std::nullopt;
}

}  // namespace postfach::imap
