// SEARCH and UID SEARCH (RFC 9051 §6.4.4; NEW, OLD and RECENT: RFC 3501 §6.4.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// One criterion as sent: sequence sets are not resolved, text is in the command's charset.
struct SearchTerm {
  enum class Kind : std::uint8_t {
    all,
    sequence,  // `numbers` are message sequence numbers
    uid,       // `numbers` are UIDs
    flag,      // `flags` is set
    recent,    // \Recent is set
    keyword,   // `text` is set
    larger,
    smaller,  // `number` octets
    before,
    on,
    since,  // INTERNALDATE against day `number`, days since 1970-01-01
    sent_before,
    sent_on,
    sent_since,  // Date: field
    saved_before,
    saved_on,
    saved_since,      // save date against day `number` (RFC 8514 §4.3)
    save_date_known,  // SAVEDATESUPPORTED
    header,           // field `name` has `text`
    from,
    to,
    cc,
    bcc,
    subject,
    body,
    text,
    all_of,
    any_of,   // `keys`, at least one
    none_of,  // NOT: `keys`, exactly one
  };

  Kind kind = Kind::all;
  NumberSet numbers = {};
  Flags flags = {};
  std::int64_t number = 0;
  std::string name = {};
  std::string text = {};
  std::vector<SearchTerm> keys = {};
  bool operator==(const SearchTerm&) const = default;
};

struct Search {
  // Criteria in one command; clients send some dozen. Parsed, each costs some 200 octets.
  static constexpr unsigned kMaxKeys = 1000;

  std::string charset;  // as sent; empty: none given, which means US-ASCII (UTF-8 in RFC 9051)
  SearchTerm root;      // all_of for more than one key
};

// The text up to and with the keys. Levels of nesting are capped by kMaxNesting; chains of OR and NOT, as
// clients build them from many alternatives, are no nesting.
std::optional<Search> parse_search(Scanner& in);

}  // namespace postfach::imap
