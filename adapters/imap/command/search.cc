#include "search.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "imap/wire/limits.h"

namespace postfach::imap {
namespace {

using Term = SearchTerm::Kind;

enum class Argument : std::uint8_t { none, string, date, number, interval, modseq, keyword, header, set };

// One search-key that is a word. negated: the key is the word's opposite.
struct KeyRow {
  std::string_view name;
  Term kind;
  Argument argument = Argument::none;
  Flags flags = {};
  bool negated = false;
};

constexpr KeyRow kKeyRows[] = {
    {"ALL", Term::all},
    {"ANSWERED", Term::flag, Argument::none, Flag::answered},
    {"BCC", Term::bcc, Argument::string},
    {"BEFORE", Term::before, Argument::date},
    {"BODY", Term::body, Argument::string},
    {"CC", Term::cc, Argument::string},
    {"DELETED", Term::flag, Argument::none, Flag::deleted},
    {"DRAFT", Term::flag, Argument::none, Flag::draft},
    {"EMAILID", Term::email_id, Argument::keyword},
    {"FLAGGED", Term::flag, Argument::none, Flag::flagged},
    {"FROM", Term::from, Argument::string},
    {"HEADER", Term::header, Argument::header},
    {"KEYWORD", Term::keyword, Argument::keyword},
    {"LARGER", Term::larger, Argument::number},
    {"MODSEQ", Term::modseq, Argument::modseq},
    {"OLD", Term::recent, Argument::none, {}, true},
    {"OLDER", Term::older, Argument::interval},
    {"ON", Term::on, Argument::date},
    {"RECENT", Term::recent},
    {"SAVEDATESUPPORTED", Term::save_date_known},
    {"SAVEDBEFORE", Term::saved_before, Argument::date},
    {"SAVEDON", Term::saved_on, Argument::date},
    {"SAVEDSINCE", Term::saved_since, Argument::date},
    {"SEEN", Term::flag, Argument::none, Flag::seen},
    {"SENTBEFORE", Term::sent_before, Argument::date},
    {"SENTON", Term::sent_on, Argument::date},
    {"SENTSINCE", Term::sent_since, Argument::date},
    {"SINCE", Term::since, Argument::date},
    {"SMALLER", Term::smaller, Argument::number},
    {"SUBJECT", Term::subject, Argument::string},
    {"TEXT", Term::text, Argument::string},
    {"THREADID", Term::thread_id, Argument::keyword},
    {"TO", Term::to, Argument::string},
    {"UID", Term::uid, Argument::set},
    {"UNANSWERED", Term::flag, Argument::none, Flag::answered, true},
    {"UNDELETED", Term::flag, Argument::none, Flag::deleted, true},
    {"UNDRAFT", Term::flag, Argument::none, Flag::draft, true},
    {"UNFLAGGED", Term::flag, Argument::none, Flag::flagged, true},
    {"UNKEYWORD", Term::keyword, Argument::keyword, {}, true},
    {"UNSEEN", Term::flag, Argument::none, Flag::seen, true},
    {"YOUNGER", Term::younger, Argument::interval},
};

void negate(SearchTerm& term) {
  SearchTerm inner = std::move(term);
  term = SearchTerm{.kind = Term::none_of};
  term.keys.push_back(std::move(inner));
}

class Parser {
 public:
  Parser(Scanner& in, SearchUses& uses) noexcept : in_(in), uses_(uses) {}

  // search-key *(SP search-key), up to the end or a closing parenthesis. One key is itself, more are all_of.
  bool keys(SearchTerm& out, unsigned depth) {
    if (!key(out, depth)) return false;
    bool is_list = false;
    while (in_.skip(' ') && !in_.at_end()) {
      if (!is_list) {
        SearchTerm first = std::move(out);
        out = SearchTerm{.kind = Term::all_of};
        out.keys.push_back(std::move(first));
        is_list = true;
      }
      if (!key(out.keys.emplace_back(), depth)) return false;
    }
    return true;
  }

 private:
  bool key(SearchTerm& out, unsigned depth) {
    if (depth == kMaxNesting) return in_.fail("Search keys are nested too deeply");
    if (++count_ > Search::kMaxKeys) return in_.fail("Too many search keys");
    bool negated = false;
    const bool was_fuzzy = fuzzy_;
    for (;;) {
      if (in_.word("NOT")) {
        negated = !negated;
      } else if (in_.word("FUZZY")) {
        fuzzy_ = uses_.fuzzy = true;
      } else {
        break;
      }
      if (!in_.sp()) return false;
    }
    if (in_.word("OR")) {
      if (!alternatives(out, depth)) return false;
    } else if (in_.skip('(')) {
      if (!keys(out, depth + 1) || !in_.expect(')')) return false;
    } else if (!simple(out)) {
      return false;
    }
    if (negated) negate(out);
    fuzzy_ = was_fuzzy;
    return true;
  }

  // "OR" SP search-key SP search-key, behind the first "OR". A key that is an OR itself adds its alternatives
  // to the same list, so that the chains that clients build, as long as an address book, take one level.
  bool alternatives(SearchTerm& out, unsigned depth) {
    out.kind = Term::any_of;
    for (unsigned open = 2; open != 0;) {
      if (!in_.sp()) return false;
      if (in_.word("OR")) {
        ++open;
        continue;
      }
      if (!key(out.keys.emplace_back(), depth + 1)) return false;
      --open;
    }
    return true;
  }

  bool simple(SearchTerm& out) {
    out.fuzzy = fuzzy_;
    if (!in_.at_end() && (in_.at('*') || in_.at('$') || base::is_digit(in_.rest().front()))) {
      out.kind = Term::sequence;
      return set(out);
    }
    std::string_view name;
    if (!in_.atom(name)) return false;
    // NEW = (RECENT UNSEEN)
    if (base::equals_ignoring_case(name, "NEW")) {
      out.kind = Term::all_of;
      out.keys.push_back({.kind = Term::recent});
      negate(out.keys.emplace_back(SearchTerm{.kind = Term::flag, .flags = Flag::seen}));
      return true;
    }
    const auto row = std::find_if(std::begin(kKeyRows), std::end(kKeyRows),
                                  [name](const KeyRow& r) { return base::equals_ignoring_case(r.name, name); });
    if (row == std::end(kKeyRows)) return in_.fail("Unknown search key");
    out.kind = row->kind;
    out.flags = row->flags;
    if (row->argument != Argument::none && (!in_.sp() || !argument(row->argument, out))) return false;
    if (row->negated) negate(out);
    return true;
  }

  bool argument(Argument kind, SearchTerm& out) {
    switch (kind) {
      case Argument::none:
        return true;
      case Argument::string:
        return in_.astring(out.text);
      case Argument::header:
        return in_.astring(out.name) && in_.sp() && in_.astring(out.text);
      case Argument::keyword:
        return in_.keyword(out.text);
      case Argument::date:
        return in_.date(out.number);
      case Argument::set:
        return set(out);
      case Argument::interval: {
        uses_.within = true;
        std::uint32_t seconds = 0;
        if (!in_.nz_number(seconds)) return false;
        out.number = seconds;
        return true;
      }
      case Argument::modseq:
        return modseq(out);
      case Argument::number: {
        std::uint64_t number = 0;
        if (!in_.number64(number)) return false;
        out.number = static_cast<std::int64_t>(number);
        return true;
      }
    }
    return false;
  }

  bool set(SearchTerm& out) {
    if (!in_.sequence_set(out.numbers)) return false;
    if (out.kind == Term::sequence && !out.numbers.is_saved_result()) uses_.numbers = true;
    return true;
  }

  // [entry-name SP entry-type-req SP] mod-sequence-valzer. All flags of a message have one MODSEQ, so that RFC 7162
  // §3.1.5 has us ignore which of them was meant.
  bool modseq(SearchTerm& out) {
    uses_.modseq = true;
    if (in_.at('"')) {
      std::string entry;
      if (!in_.string(entry) || !in_.sp()) return false;
      if (!base::starts_with_ignoring_case(entry, "/flags/")) return in_.fail("Unknown metadata item");
      if (!in_.word("all") && !in_.word("priv") && !in_.word("shared")) return in_.fail("all, priv or shared expected");
      if (!in_.sp()) return false;
    }
    std::uint64_t number = 0;
    if (!in_.number64(number)) return false;
    out.number = static_cast<std::int64_t>(number);
    return true;
  }

  Scanner& in_;
  SearchUses& uses_;
  unsigned count_ = 0;
  bool fuzzy_ = false;
};

}  // namespace

// search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)
bool parse_search_program(Scanner& in, Search& out) {
  if (in.word("CHARSET") && (!in.sp() || !in.charset(out.charset) || !in.sp())) return false;
  return parse_search_keys(in, out);
}

bool parse_search_keys(Scanner& in, Search& out) { return Parser(in, out.uses).keys(out.root, 0); }

// search = "SEARCH" [search-return-opts] SP search-program
std::optional<Search> parse_search(Scanner& in) {
  Search search;
  if (!in.sp() || !parse_return_options(in, search.options)) return std::nullopt;
  if (parse_search_program(in, search) && in.end()) return search;
  return std::nullopt;
}

}  // namespace postfach::imap
