#include "handlers.h"
#include "imap/state/capability.h"

namespace postfach::imap {

// RFC 9051 §6.2.1. The session reads nothing more until on_tls_started().
Outcome handle_starttls(Context& context, std::string&) {
  if (!can_start_tls(context)) {
    return bad(context.peer.tls ? "TLS is active already" : "STARTTLS is not available");
  }
  context.start_tls = true;
  return ok("Begin TLS negotiation now");
}

}  // namespace postfach::imap
