#include "list.h"

namespace postfach::imap {
namespace {

// list-select-opts: "(" [SPECIAL-USE] ")" (RFC 6154 §6, RFC 5258 §3)
bool parse_selection(Scanner& in, List& list) {
  if (!in.expect('(')) return false;
  if (in.skip(')')) return true;
  do {
    if (!in.word("SPECIAL-USE")) return in.fail("Unknown LIST selection option");
    list.only_special_use = true;
  } while (in.skip(' '));
  return in.expect(')');
}

// list-return-opts: "RETURN" SP "(" [return-option *(SP return-option)] ")"
bool parse_return(Scanner& in, List& list) {
  if (!in.word("RETURN")) return in.fail("RETURN expected");
  if (!in.sp() || !in.expect('(')) return false;
  if (in.skip(')')) return true;
  do {
    if (in.word("SPECIAL-USE")) {
      list.return_special_use = true;
    } else if (in.word("CHILDREN")) {
      list.return_children = true;
    } else {
      return in.fail("Unknown LIST return option");
    }
  } while (in.skip(' '));
  return in.expect(')');
}

}  // namespace

// list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
std::optional<List> parse_list(Scanner& in) {
  List list;
  if (!in.sp()) return std::nullopt;
  if (in.at('(') && (!parse_selection(in, list) || !in.sp())) return std::nullopt;
  if (!in.mailbox(list.reference) || !in.sp() || !in.list_mailbox(list.pattern)) return std::nullopt;
  if (in.skip(' ') && !in.at_end() && !parse_return(in, list)) return std::nullopt;
  if (!in.end()) return std::nullopt;
  return list;
}

// lsub = "LSUB" SP mailbox SP list-mailbox (RFC 3501 §9)
std::optional<List> parse_lsub(Scanner& in) {
  List list;
  if (in.sp() && in.mailbox(list.reference) && in.sp() && in.list_mailbox(list.pattern) && in.end()) return list;
  return std::nullopt;
}

}  // namespace postfach::imap
