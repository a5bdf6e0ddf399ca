// What a search found: ESEARCH (RFC 9051 §7.3.4), piece by piece.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "postfach/types.h"

namespace postfach::imap {

// `* ESEARCH (TAG "A282") UID`, to be followed by items and CRLF.
void begin_esearch(std::string& out, std::string_view tag, bool uid);
// " COUNT 3"
void append_search_item(std::string& out, std::string_view name, std::uint64_t number);
// " (MODSEQ 917162500)", the end of a SEARCH response (RFC 7162 §3.1.6).
void append_search_modseq(std::string& out, ModSeq modseq);

// A sequence-set whose members come in ascending order: "2,10:11".
class SetWriter {
 public:
  void add(std::string& out, std::uint32_t first, std::uint32_t last);
  void add(std::string& out, std::uint32_t number) { add(out, number, number); }
  // Writes what waits for a neighbour. True if the set has members.
  bool finish(std::string& out);

 private:
  void flush(std::string& out);

  std::uint32_t first_ = 0;  // the range that may yet grow; 0: none
  std::uint32_t last_ = 0;
  bool begun_ = false;
};

// `* ESEARCH (TAG "B01") UID REMOVEFROM (0 32768) ADDTO (0 32769:32770)`: message numbers or UIDs. An empty set is left
// out; nothing is written if both are.
void append_context_update(std::string& out, std::string_view tag, bool uid, const UidSet& removed,
                           const UidSet& added);

}  // namespace postfach::imap
