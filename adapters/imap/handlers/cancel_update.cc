// CANCELUPDATE (RFC 5267 §4.3.5).
#include "handlers.h"

namespace postfach::imap {

Outcome handle_cancel_update(Context& context, const std::vector<std::string>& tags, std::string&) {
  bool all_known = true;
  for (const std::string& tag : tags) all_known = context.selected->contexts().cancel(tag) && all_known;
  return all_known ? ok("No further updates") : no("Not all of these tags have updates", "NONEXISTENT");
}

}  // namespace postfach::imap
