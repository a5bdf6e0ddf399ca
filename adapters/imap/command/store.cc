#include "store.h"

#include "head.h"

namespace postfach::imap {

namespace {

// store-modifiers = "(" store-modifier *(SP store-modifier) ")" (RFC 4466 §2.5)
// store-modifier  = "UNCHANGEDSINCE" SP mod-sequence-valzer
bool parse_modifiers(Scanner& in, StoreFlags& store) {
  if (!in.expect('(')) return false;
  do {
    if (!in.word("UNCHANGEDSINCE")) return in.fail("Unknown STORE modifier");
    if (store.unchanged_since) return in.fail("UNCHANGEDSINCE is given twice");
    if (!in.sp() || !in.number64(store.unchanged_since.emplace())) return false;
  } while (in.skip(' '));
  return in.expect(')');
}

}  // namespace

StoreLook look_for_store(std::string_view text) noexcept {
  // No parse_head(): this is asked for every command, and needs no copy of the name.
  Scanner in(text);
  in.prefix(tag_of(text));
  if (!in.sp()) return StoreLook::other;
  if (in.word("UID") && !in.sp()) return StoreLook::other;
  if (!in.word("STORE") || !in.sp()) return StoreLook::other;
  const std::string_view rest = in.rest();
  const std::size_t space = rest.find(' ');
  const bool has_modifiers = space != std::string_view::npos && rest.substr(space + 1).starts_with('(');
  return has_modifiers ? StoreLook::conditional : StoreLook::plain;
}

// store           = "STORE" SP sequence-set [SP store-modifiers] SP store-att-flags
// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
std::optional<StoreFlags> parse_store(Scanner& in) {
  StoreFlags store;
  if (!in.sp() || !in.sequence_set(store.messages) || !in.sp()) return std::nullopt;
  if (in.at('(') && (!parse_modifiers(in, store) || !in.sp())) return std::nullopt;
  if (in.skip('+')) {
    store.change = FlagChange::add;
  } else if (in.skip('-')) {
    store.change = FlagChange::remove;
  }
  if (in.word("FLAGS.SILENT")) {
    store.silent = true;
  } else if (!in.word("FLAGS")) {
    in.fail("Unknown STORE item");
    return std::nullopt;
  }
  if (!in.sp()) return std::nullopt;
  const bool flags = in.at('(') ? in.flag_list(store.flags) && in.end() : in.bare_flags(store.flags);
  if (!flags) return std::nullopt;
  return store;
}

}  // namespace postfach::imap
