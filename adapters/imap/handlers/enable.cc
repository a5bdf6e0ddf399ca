// ENABLE (RFC 5161, RFC 9051 §6.3.1).
#include <algorithm>
#include <array>

#include "handlers.h"
#include "imap/response/server_data.h"
#include "imap/state/capability.h"
#include "imap/state/updates.h"

namespace postfach::imap {
namespace {

struct Enableable {
  std::string_view name;
  bool Enabled::*flag;
};

// What can be enabled, in the order in which ENABLED names it.
constexpr std::array kEnableables = {
    Enableable{"CONDSTORE", &Enabled::condstore}, Enableable{"QRESYNC", &Enabled::qresync},
    Enableable{"IMAP4REV2", &Enabled::rev2},      Enableable{"UTF8=ACCEPT", &Enabled::utf8},
    Enableable{"UIDONLY", &Enabled::uid_only},
};

// The names in kEnableables are in capitals, as the parser gives them; this is how CAPABILITY writes them.
std::string_view as_offered(const Enableable& row) noexcept {
  return row.name == "IMAP4REV2" ? std::string_view("IMAP4rev2") : row.name;
}

bool is_offered(const Context& context, const Enableable& row) {
  return row.name == "CONDSTORE" ? offers_condstore(context) : offers(context, as_offered(row));
}

}  // namespace

// What is unknown or not offered is passed over. Also with a mailbox selected, where §6.3.1 leaves it to the server; but
// UTF8=ACCEPT is "only valid in the authenticated state" (RFC 6855 §3).
Outcome handle_enable(Context& context, const std::vector<std::string>& names, std::string& out) {
  const Enabled before = context.enabled;
  Enabled after = before;
  std::vector<std::string_view> enabled;
  for (const Enableable& row : kEnableables) {
    const bool wanted = std::find(names.begin(), names.end(), row.name) != names.end();
    if (!wanted || before.*row.flag || !is_offered(context, row)) continue;
    after.*row.flag = true;
    enabled.push_back(as_offered(row));
  }
  if (after.utf8 && !before.utf8 && context.selected) {
    return bad("UTF8=ACCEPT is enabled before a mailbox is selected", "CLIENTBUG");
  }
  append_enabled(out, enabled);
  const bool condstore = after.condstore || after.qresync;
  after.condstore = before.condstore;
  context.enabled = after;
  if (condstore) enable_condstore(context, out);
  if (after.rev2 && context.selected) context.selected->forget_recent();
  return ok(enabled.empty() ? "Nothing enabled" : "Enabled");
}

}  // namespace postfach::imap
