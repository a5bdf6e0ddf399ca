// LIST (RFC 9051 §6.3.9; RFC 5258, RFC 5819, RFC 6154 §2), LSUB (RFC 3501 §6.3.9) and XLIST.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imap/command/status.h"
#include "imap/wire/scanner.h"

namespace postfach::imap {

// Which names a client asks for, and what it wants to know of them; the same words stand in both places.
struct ListSelection {
  bool subscribed = false;
  bool remote = false;
  bool recursive_match = false;
  bool special_use = false;
  bool operator==(const ListSelection&) const = default;
};

struct ListReturn {
  bool subscribed = false;
  bool children = false;
  bool special_use = false;
  bool status = false;
  StatusItems status_items = {};  // of STATUS
  bool operator==(const ListReturn&) const = default;
};

struct List {
  std::string reference;              // UTF-8, "inbox" in the letters that the client wrote, as in the patterns
  std::vector<std::string> patterns;  // UTF-8, with "%" and "*"; none that matches nothing
  bool is_extended = false;           // in any of the three ways of RFC 5258 §1
  bool has_pattern_list = false;      // patterns in parentheses
  bool asks_root = false;             // the empty name, which asks for the hierarchy separator
  ListSelection selection = {};
  ListReturn wanted = {};
};
std::optional<List> parse_list(Scanner& in);

// LSUB and XLIST: reference and pattern alone.
std::optional<List> parse_lsub(Scanner& in);

}  // namespace postfach::imap
