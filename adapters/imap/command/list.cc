#include "list.h"

#include <utility>

namespace postfach::imap {
namespace {

// list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")" (RFC 9051 §9), with SPECIAL-USE of RFC 6154 §6.
//
// RECURSIVEMATCH needs another criterion than REMOTE (RFC 9051 §6.3.9.1). SPECIAL-USE is one in effect, and other
// servers take it for one, though the grammar of RFC 6154 has it with REMOTE.
bool parse_selection(Scanner& in, ListSelection& selection) {
  if (!in.expect('(')) return false;
  if (in.skip(')')) return true;
  do {
    if (in.word("SUBSCRIBED")) {
      selection.subscribed = true;
    } else if (in.word("REMOTE")) {
      selection.remote = true;
    } else if (in.word("RECURSIVEMATCH")) {
      selection.recursive_match = true;
    } else if (in.word("SPECIAL-USE")) {
      selection.special_use = true;
    } else {
      return in.fail("Unknown LIST selection option");
    }
  } while (in.skip(' '));
  if (!in.expect(')')) return false;
  if (selection.recursive_match && !selection.subscribed && !selection.special_use) {
    return in.fail("RECURSIVEMATCH needs another selection option");
  }
  return true;
}

// list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"
// status-option = "STATUS" SP "(" status-att *(SP status-att) ")"
bool parse_return(Scanner& in, ListReturn& wanted) {
  if (!in.word("RETURN")) return in.fail("RETURN expected");
  if (!in.sp() || !in.expect('(')) return false;
  if (in.skip(')')) return true;
  do {
    if (in.word("SUBSCRIBED")) {
      wanted.subscribed = true;
    } else if (in.word("CHILDREN")) {
      wanted.children = true;
    } else if (in.word("SPECIAL-USE")) {
      wanted.special_use = true;
    } else if (in.word("STATUS")) {
      wanted.status = true;
      if (!in.sp() || !parse_status_items(in, wanted.status_items)) return false;
    } else {
      return in.fail("Unknown LIST return option");
    }
  } while (in.skip(' '));
  return in.expect(')');
}

bool parse_pattern(Scanner& in, List& list) {
  std::optional<std::string> pattern;
  if (!in.list_mailbox(pattern)) return false;
  if (!pattern) return true;
  if (pattern->empty()) {
    list.asks_root = true;
  } else {
    list.patterns.push_back(*std::move(pattern));
  }
  return true;
}

// patterns = "(" list-mailbox *(SP list-mailbox) ")" (RFC 5258 §6; RFC 9051 §9 has one)
bool parse_patterns(Scanner& in, List& list) {
  if (!in.skip('(')) return parse_pattern(in, list);
  list.has_pattern_list = true;
  do {
    if (!parse_pattern(in, list)) return false;
  } while (in.skip(' '));
  return in.expect(')');
}

}  // namespace

// list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
std::optional<List> parse_list(Scanner& in) {
  List list;
  if (!in.sp()) return std::nullopt;
  if (in.at('(')) {
    list.is_extended = true;
    if (!parse_selection(in, list.selection) || !in.sp()) return std::nullopt;
  }
  if (!in.mailbox_as_written(list.reference) || !in.sp() || !parse_patterns(in, list)) return std::nullopt;
  list.is_extended |= list.has_pattern_list;
  if (in.skip(' ') && !in.at_end()) {
    list.is_extended = true;
    if (!parse_return(in, list.wanted)) return std::nullopt;
  }
  if (!in.end()) return std::nullopt;
  // RFC 9051 §6.3.9: an empty name has no meaning in the extended syntax.
  if (list.is_extended) list.asks_root = false;
  return list;
}

// lsub = "LSUB" SP mailbox SP list-mailbox (RFC 3501 §9)
std::optional<List> parse_lsub(Scanner& in) {
  List list;
  if (in.sp() && in.mailbox_as_written(list.reference) && in.sp() && parse_pattern(in, list) && in.end()) return list;
  return std::nullopt;
}

}  // namespace postfach::imap
