// Commands whose arguments are mailbox names (RFC 9051 §6.3.4 to §6.3.8). Names are UTF-8, INBOX in capitals.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imap/wire/scanner.h"
#include "postfach/types.h"

namespace postfach::imap {

// CREATE, with the attributes of RFC 6154 §3.
struct Create {
  std::string mailbox;  // a trailing "/" is kept
  // USE (…): attributes that a client may set. Unknown ones are kept apart, because they are answered with
  // NO [USEATTR], not with BAD.
  bool has_use = false;
  std::vector<SpecialUse> uses;
  bool has_unknown_use = false;
};
std::optional<Create> parse_create(Scanner& in);

// DELETE, SUBSCRIBE, UNSUBSCRIBE: one name and nothing else.
std::optional<std::string> parse_mailbox(Scanner& in);

struct Rename {
  std::string from;
  std::string to;
};
std::optional<Rename> parse_rename(Scanner& in);

}  // namespace postfach::imap
