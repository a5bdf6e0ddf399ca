#include "select.h"

#include "base/ascii.h"

namespace postfach::imap {
namespace {

// known-uids, known-sequence-set, known-uid-set: a sequence-set without "*".
bool parse_known_set(Scanner& in, UidSet& set) {
  NumberSet numbers;
  if (!in.sequence_set(numbers)) return false;
  if (numbers.is_saved_result()) return in.fail("\"$\" is not allowed in QRESYNC");
  if (numbers.has_star()) return in.fail("\"*\" is not allowed in QRESYNC");
  set = numbers.numbers();
  return true;
}

// seq-match-data = "(" known-sequence-set SP known-uid-set ")"
bool parse_match(Scanner& in, Resync& resync) {
  if (!in.expect('(') || !parse_known_set(in, resync.match_numbers)) return false;
  if (!in.sp() || !parse_known_set(in, resync.match_uids) || !in.expect(')')) return false;
  return resync.match_numbers.count() == resync.match_uids.count() ||
         in.fail("As many UIDs as sequence numbers are needed");
}

// "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"
bool parse_resync(Scanner& in, Resync& resync) {
  if (!in.expect('(') || !in.nz_number(resync.uid_validity) || !in.sp() || !in.number64(resync.modseq)) return false;
  bool more = in.skip(' ');
  if (more && !in.at('(')) {
    UidSet uids;
    if (!parse_known_set(in, uids)) return false;
    resync.uids = std::move(uids);
    more = in.skip(' ');
  }
  return (!more || parse_match(in, resync)) && in.expect(')');
}

// select-params = SP "(" select-param *(SP select-param) ")" (RFC 4466 §2.1)
bool parse_parameters(Scanner& in, Select& select) {
  if (!in.expect('(')) return false;
  do {
    if (in.word("CONDSTORE")) {
      select.condstore = true;
    } else if (in.word("QRESYNC")) {
      if (select.resync) return in.fail("QRESYNC is given twice");
      if (!in.sp() || !parse_resync(in, select.resync.emplace())) return false;
    } else {
      return in.fail("Unknown SELECT parameter");
    }
  } while (in.skip(' '));
  return in.expect(')');
}

}  // namespace

// select  = "SELECT" SP mailbox [select-params]
// examine = "EXAMINE" SP mailbox [select-params]
std::optional<Select> parse_select(Scanner& in) {
  Select select;
  if (!in.sp()) return std::nullopt;
  Scanner as_written = in;
  if (!in.mailbox(select.mailbox)) return std::nullopt;
  std::string written;
  if (as_written.astring(written) && written != select.mailbox && base::equals_ignoring_case(written, "INBOX")) {
    select.inbox_as_written = std::move(written);
  }
  if (in.skip(' ') && !in.at_end() && !parse_parameters(in, select)) return std::nullopt;
  if (!in.end()) return std::nullopt;
  return select;
}

}  // namespace postfach::imap
