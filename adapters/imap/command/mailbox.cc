#include "mailbox.h"

#include <algorithm>

#include "base/ascii.h"

namespace postfach::imap {
namespace {

// use-attr = "\All" / "\Archive" / "\Drafts" / "\Flagged" / "\Junk" / "\Sent" / "\Trash" / use-attr-ext
SpecialUse special_use(std::string_view name) {
  struct Row {
    std::string_view name;
    SpecialUse use;
  };
  static constexpr Row kRows[] = {{"All", SpecialUse::all},       {"Archive", SpecialUse::archive},
                                  {"Drafts", SpecialUse::drafts}, {"Flagged", SpecialUse::flagged},
                                  {"Junk", SpecialUse::junk},     {"Sent", SpecialUse::sent},
                                  {"Trash", SpecialUse::trash},   {"Important", SpecialUse::important}};
  const auto row = std::find_if(std::begin(kRows), std::end(kRows),
                                [name](const Row& r) { return base::equals_ignoring_case(r.name, name); });
  return row == std::end(kRows) ? SpecialUse::none : row->use;
}

// "USE" SP "(" [use-attr *(SP use-attr)] ")" (RFC 6154 §6)
bool parse_uses(Scanner& in, Create& create) {
  if (!in.word("USE")) return in.fail("Unknown CREATE parameter");
  create.has_use = true;
  if (!in.sp() || !in.expect('(')) return false;
  if (in.skip(')')) return true;
  do {
    std::string_view name;
    if (!in.skip('\\')) return in.fail("Special-use attribute expected");
    if (!in.atom(name)) return false;
    const SpecialUse use = special_use(name);
    if (use == SpecialUse::none) {
      create.has_unknown_use = true;
    } else if (std::find(create.uses.begin(), create.uses.end(), use) == create.uses.end()) {
      create.uses.push_back(use);
    }
  } while (in.skip(' '));
  return in.expect(')');
}

}  // namespace

// create       = "CREATE" SP mailbox [create-params]
// create-params = SP "(" create-param *(SP create-param) ")" (RFC 4466 §2.2)
std::optional<Create> parse_create(Scanner& in) {
  Create create;
  if (!in.sp() || !in.mailbox(create.mailbox)) return std::nullopt;
  if (in.skip(' ') && !in.at_end()) {
    if (!in.expect('(')) return std::nullopt;
    do {
      if (!parse_uses(in, create)) return std::nullopt;
    } while (in.skip(' '));
    if (!in.expect(')')) return std::nullopt;
  }
  if (!in.end()) return std::nullopt;
  return create;
}

// delete      = "DELETE" SP mailbox
// subscribe   = "SUBSCRIBE" SP mailbox
// unsubscribe = "UNSUBSCRIBE" SP mailbox
std::optional<std::string> parse_mailbox(Scanner& in) {
  std::string name;
  if (in.sp() && in.mailbox(name) && in.end()) return name;
  return std::nullopt;
}

// rename = "RENAME" SP mailbox SP mailbox
std::optional<Rename> parse_rename(Scanner& in) {
  Rename rename;
  if (in.sp() && in.mailbox(rename.from) && in.sp() && in.mailbox(rename.to) && in.end()) return rename;
  return std::nullopt;
}

}  // namespace postfach::imap
