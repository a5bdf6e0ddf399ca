// The conventions of mbox files, apart from reading them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/import.h"

namespace postfach::store {

// "From " sender date: what stands between messages.
struct FromLine {
  std::optional<DateTime> date;  // in UTC unless the line names a numeric zone
};

// Nothing if the line does not begin a message. Text that happens to start with "From " is told apart by its missing
// date; undated lines ("From -", as some programs write them) count only if they are one word long and allowed.
std::optional<FromLine> parse_from_line(std::string_view line, bool allow_undated);

// How many octets of '>' at the start of a line of text are quoting: 0 or 1.
std::size_t from_quoting(std::string_view line, MboxQuoting quoting) noexcept;

struct MboxFlags {
  Flags flags;
  std::vector<std::string> keywords;
};
// From Status, X-Status, X-Keywords and X-Mozilla-Status of a header block.
MboxFlags mbox_flags(std::string_view header);

// X-UID and X-UIDL of a header block; nothing of what can't be true.
struct MboxIds {
  Uid uid = 0;
  std::string uidl;
};
MboxIds mbox_ids(std::string_view header);

// X-IMAPbase of the first message, or X-IMAP: that stands in a message that is there for nothing else.
struct MboxBase {
  UidValidity uid_validity = 0;  // 0: unknown
  Uid last_uid = 0;
  bool is_pseudo_message = false;
};
MboxBase mbox_base(std::string_view header);

// Whether a line of a header begins a field that belongs to the mbox rather than to the message.
bool is_mbox_field(std::string_view line) noexcept;

// When the message arrived, going by the header alone: the first Received field, else Date.
std::optional<DateTime> arrival_date(std::string_view header);

std::optional<std::uint64_t> content_length(std::string_view header);

}  // namespace postfach::store
