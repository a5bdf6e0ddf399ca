#include "list_attributes.h"

#include "imap/state/capability.h"

namespace postfach::imap {

ToldAttributes told_attributes(const Context& context) {
  return {.children = context.enabled.rev2 || offers(context, "CHILDREN"),
          .special_use = offers(context, "SPECIAL-USE")};
}

ListAttributes attributes_of(const MailboxInfo& info, ToldAttributes told) noexcept {
  return {.no_select = !info.selectable,
          .non_existent = !info.exists,
          .no_inferiors = !info.may_have_children,
          .has_children = info.has_children,
          .children_known = told.children,
          .use = told.special_use ? info.special_use : SpecialUse::none};
}

}  // namespace postfach::imap
