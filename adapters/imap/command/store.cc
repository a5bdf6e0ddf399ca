#include "store.h"

namespace postfach::imap {

// store           = "STORE" SP sequence-set SP store-att-flags
// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
std::optional<StoreFlags> parse_store(Scanner& in) {
  StoreFlags store;
  if (!in.sp() || !in.sequence_set(store.messages) || !in.sp()) return std::nullopt;
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
