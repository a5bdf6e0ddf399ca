// SEARCH and UID SEARCH (RFC 9051 §6.4.4; NEW, OLD and RECENT: RFC 3501 §6.4.4), and the pieces of them that SORT and
// THREAD use: parse_return_options, parse_search_program, parse_search_keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/command/partial_range.h"
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
    older,
    younger,  // INTERNALDATE is `number` seconds ago (RFC 5032)
    modseq,   // MODSEQ is `number` or higher (RFC 7162 §3.1.5)
    header,   // field `name` has `text`
    from,
    to,
    cc,
    bcc,
    subject,
    body,
    text,
    email_id,
    thread_id,  // identifier `text` (RFC 8474 §6)
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
  bool fuzzy = false;  // under FUZZY (RFC 6203 §3)
  std::vector<SearchTerm> keys = {};
  bool operator==(const SearchTerm&) const = default;
};

// What of the extensions a command asks for: they may be switched off, and some have effects of their own.
struct SearchUses {
  bool within = false;   // OLDER, YOUNGER
  bool fuzzy = false;    // FUZZY
  bool modseq = false;   // MODSEQ: the answer has one too
  bool numbers = false;  // message sequence numbers as a key; "$" is none
  bool operator==(const SearchUses&) const = default;
};

// search-return-opts (RFC 4466 §2.6.1), as given.
struct ReturnOptions {
  bool given = false;  // RETURN is there, were it with an empty list
  bool min = false;    // RFC 4731
  bool max = false;
  bool all = false;
  bool count = false;
  bool save = false;                         // RFC 5182
  bool relevancy = false;                    // RFC 6203 §4
  bool context = false;                      // RFC 5267 §4.2
  bool update = false;                       // RFC 5267 §4.3
  std::optional<PartialRange> partial = {};  // RFC 9394 §3.1
  bool operator==(const ReturnOptions&) const = default;

  // Whether numbers or counts are asked for. If not, ALL is meant, or with SAVE nothing (RFC 9051 §6.4.4). CONTEXT and
  // UPDATE have no say in it (RFC 5267 §4.1).
  bool wants_data() const noexcept { return min || max || all || count || relevancy || partial; }
  // What is given back: ALL where no data is asked for.
  ReturnOptions effective() const {
    ReturnOptions options = *this;
    options.all = all || (!wants_data() && !save);
    return options;
  }
  // Whether "$" becomes all that was found (RFC 9051 §6.4.4.1, RFC 9394 §3.2).
  bool saves_everything() const noexcept { return save && (all || count || !(min || max || partial)); }
};

struct Search {
  // Criteria in one command; clients send some dozen. Parsed, each costs some 200 octets.
  static constexpr unsigned kMaxKeys = 1000;

  ReturnOptions options = {};
  std::string charset = {};  // as sent; empty: none given, which means US-ASCII (UTF-8 in RFC 9051)
  SearchTerm root = {};      // all_of for more than one key
  SearchUses uses = {};
};

// "RETURN" SP "(" options ")" SP, or nothing if no RETURN stands here. Unknown options and contradictions fail.
bool parse_return_options(Scanner& in, ReturnOptions& out);

// ["CHARSET" SP charset SP] search-key *(SP search-key), into charset, root and uses. Stands behind the last key.
bool parse_search_program(Scanner& in, Search& out);

// search-key *(SP search-key) alone, for commands that name the charset otherwise (RFC 5256 §5 search-criteria).
// Levels of nesting are capped by kMaxNesting; chains of OR and NOT, as clients build them from many alternatives, are
// no nesting.
bool parse_search_keys(Scanner& in, Search& out);

// The whole text behind "SEARCH".
std::optional<Search> parse_search(Scanner& in);

}  // namespace postfach::imap
