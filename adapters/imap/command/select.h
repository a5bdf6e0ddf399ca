// SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3) with the parameters of RFC 7162 §3.1.8 and §3.2.5.
#pragma once

#include <optional>
#include <string>

#include "imap/wire/scanner.h"
#include "postfach/types.h"

namespace postfach::imap {

// QRESYNC: what the client knew when it was here last.
struct Resync {
  UidValidity uid_validity = 0;
  ModSeq modseq = 0;
  std::optional<UidSet> uids = {};  // nothing: all there were
  // Sequence match data (§3.2.5.2), as many of the one as of the other: the i-th smallest number was the message with
  // the i-th smallest UID.
  UidSet match_numbers = {};
  UidSet match_uids = {};
};

struct Select {
  std::string mailbox;
  // INBOX as the client wrote it, if not in capitals; empty for every other name.
  std::string inbox_as_written = {};
  bool condstore = false;
  std::optional<Resync> resync = {};
};
std::optional<Select> parse_select(Scanner& in);

}  // namespace postfach::imap
