// LIST (RFC 9051 §6.3.9, with the options of RFC 6154 §2) and LSUB (RFC 3501 §6.3.9).
#pragma once

#include <optional>
#include <string>

#include "imap/wire/scanner.h"

namespace postfach::imap {

struct List {
  std::string reference;            // UTF-8
  std::string pattern;              // UTF-8, with "%" and "*"; empty asks for the hierarchy separator
  bool only_special_use = false;    // selection option SPECIAL-USE
  bool return_special_use = false;  // return options; both are sent in any case
  bool return_children = false;
};
std::optional<List> parse_list(Scanner& in);

// Reference and pattern alone.
std::optional<List> parse_lsub(Scanner& in);

}  // namespace postfach::imap
