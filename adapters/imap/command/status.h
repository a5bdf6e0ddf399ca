// STATUS (RFC 9051 §6.3.11; RECENT: RFC 3501 §6.3.10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// A set of status-att.
struct StatusItems {
  bool messages = false;
  bool recent = false;
  bool uid_next = false;
  bool uid_validity = false;
  bool unseen = false;
  bool deleted = false;          // RFC 9051
  bool size = false;             // RFC 8438
  bool highest_modseq = false;   // RFC 7162 §3.1.7
  bool append_limit = false;     // RFC 7889
  bool mailbox_id = false;       // RFC 8474 §4.3
  bool deleted_storage = false;  // RFC 9208 §4.1.4
  bool operator==(const StatusItems&) const = default;
};

struct Status {
  std::string mailbox;  // "inbox" as the client wrote it: the response repeats it
  StatusItems items;
};
std::optional<Status> parse_status(Scanner& in);

// "(" status-att *(SP status-att) ")", for every command that takes one.
bool parse_status_items(Scanner& in, StatusItems& items);

}  // namespace postfach::imap
