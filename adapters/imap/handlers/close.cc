#include "handlers.h"

namespace postfach::imap {

// RFC 9051 §6.4.1: expunges without a word, and not after EXAMINE.
Outcome handle_close(Context& context, std::string&) {
  if (!context.selected->read_only()) {
    const Result<Expunged> expunged = context.selected->mailbox().expunge();
    // A mailbox that is gone has nothing left to expunge.
    if (!expunged && expunged.error().code != Errc::not_found) return failed(expunged.error());
  }
  context.selected.reset();
  return ok("Close completed");
}

// RFC 9051 §6.4.2, RFC 3691
Outcome handle_unselect(Context& context, std::string&) {
  context.selected.reset();
  return ok("Unselect completed");
}

}  // namespace postfach::imap
