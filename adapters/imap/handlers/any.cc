// CAPABILITY, NOOP, CHECK, ID, LOGOUT, NAMESPACE.
#include <span>
#include <utility>

#include "base/ascii.h"
#include "handlers.h"
#include "imap/response/server_data.h"
#include "imap/state/capability.h"

namespace postfach::imap {

// RFC 9051 §6.1.1
Outcome handle_capability(Context& context, std::string& out) {
  append_capability(out, capabilities(context));
  return ok("Capability completed");
}

// RFC 9051 §6.1.2, and CHECK, RFC 3501 §6.4.1: everything is on disk already.
Outcome handle_noop(Context&, std::string&) { return ok("Done"); }

// RFC 2971: for the log, and for how often IDLE says that it is still there; nothing else.
Outcome handle_id(Context& context, const Id& id, std::string& out) {
  std::string seen;
  for (const auto& [name, value] : id.fields) {
    if (!seen.empty()) seen += ", ";
    seen += name + "=" + value.value_or("NIL");
    if (base::equals_ignoring_case(name, "name")) context.heartbeat.on_name(value.value_or(""), *context.options);
  }
  context.log(Severity::debug, "client_id", context.account ? context.account->name() : std::string(), seen);
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  for (const auto& [name, value] : context.options->id) fields.emplace_back(name, value);
  append_id(out, fields);
  return ok("ID completed");
}

// RFC 9051 §6.1.3
Outcome handle_logout(Context& context, std::string& out) {
  append_untagged(out, Condition::bye, {}, "Logging out");
  context.close = true;
  return ok("Logout completed");
}

// RFC 2342 §5
Outcome handle_namespace(Context&, std::string& out) {
  append_namespace(out);
  return ok("Namespace completed");
}

}  // namespace postfach::imap
