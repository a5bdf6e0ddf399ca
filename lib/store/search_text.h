// Parts of a message as decoded text, streamed: memory does not grow with the size of a body.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "message/sections.h"
#include "postfach/result.h"
#include "search_needles.h"

namespace postfach::store {

// What is read at once of a body. The store keeps bodies up to this size in one row, larger ones in a file.
inline constexpr std::uint64_t kSearchWindow = 64 * 1024;
// What is looked at of one header block; the parser of lib/message reads no more either.
inline constexpr std::uint64_t kSearchedHeader = 1024 * 1024;

// Where the dearer criteria find one message. Asked only when the cheap ones have not decided.
class SearchSource {
 public:
  virtual ~SearchSource() = default;
  // ENVELOPE, in the form that the parser wrote.
  virtual Result<std::string_view> envelope() = 0;
  // The packed tree of message/sections.h.
  virtual Result<std::string_view> sections() = 0;
  // The octets at its beginning: as many as most headers have, or all of it. Valid until the next call.
  virtual Result<std::string_view> front() = 0;
  // Its header, with the empty line that ends it, cut to kSearchedHeader. Valid until the next call.
  virtual Result<std::string_view> header() = 0;
  // The octets [offset, offset + size), cut to what exists; size is at most kSearchedHeader. Valid until the next call.
  virtual Result<std::string_view> read(std::uint64_t offset, std::uint64_t size) = 0;
};

// A field's value as a reader sees it: unfolded, encoded words decoded, and white space as one space each (RFC 5322
// §3.2.2), because whoever types a subject does not know how its lines were folded. scratch holds what had to be changed.
std::string_view field_text(std::string_view value, std::string& scratch);

// What is looked for in such text, folded.
std::string fold_field(std::string_view text, Comparator comparator = Comparator::unicode_casemap);

// Addresses are compared without the quotes of RFC 5322 §3.2.4: whoever looks for `Joe Q. Public <joe@` knows the name
// as mail programs show it, not whether it had to be quoted.
void remove_quoting(std::string& text);
bool has_quoting(std::string_view text) noexcept;
bool is_address_field(std::string_view name) noexcept;

// A header block as one text, its fields as "Name: text". Lines that are no field are text as well: RFC 9051 §6.4.4 TEXT
// means all that is in the header, and a message whose header does not end has nothing else. foreign_only: without the
// lines that are plain (Glimpse). False: it wants no more.
bool scan_header(std::string_view block, TextSink& scan, bool foreign_only = false);

// A body of the type text (or message, RFC 9051 §6.4.4), decoded from its transfer encoding and charset. False:
// it wants no more.
Result<bool> scan_body(const message::Part& part, SearchSource& source, TextSink& scan);

// Whether the part's decoded body is text to search in: text/* and, RFC 9051 §6.4.4 lets us exclude neither, terminal
// message/* such as delivery reports.
Result<bool> is_searched(const message::Part& part, SearchSource& source);

}  // namespace postfach::store
