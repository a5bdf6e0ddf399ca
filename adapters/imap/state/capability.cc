#include "capability.h"

namespace postfach::imap {

bool can_start_tls(const Context& context) noexcept {
  return context.peer.can_start_tls && !context.peer.tls && !context.account;
}

std::vector<std::string_view> capabilities(const Context& context) {
  std::vector<std::string_view> result = {"IMAP4rev1", "LITERAL+", "ID", "ENABLE"};
  const auto add = [&result](std::initializer_list<std::string_view> names) { result.insert(result.end(), names); };
  if (context.account) {
    add({"IDLE", "NAMESPACE", "UIDPLUS", "CHILDREN", "UNSELECT", "MOVE", "SPECIAL-USE"});
    return result;
  }
  add({"SASL-IR"});
  if (can_start_tls(context)) add({"STARTTLS"});
  if (context.may_log_in()) {
    // RFC 9051 §7.2.2: as "AUTH=" names; those of protocol::sasl_mechanisms.
    add({"AUTH=PLAIN", "AUTH=LOGIN"});
  } else {
    add({"LOGINDISABLED"});
  }
  return result;
}

}  // namespace postfach::imap
