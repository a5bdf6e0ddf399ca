#include "search_translate.h"

#include <algorithm>
#include <utility>

#include "base/charset.h"
#include "handlers.h"
#include "imap/state/capability.h"
#include "imap/state/updates.h"

namespace postfach::imap {
namespace {

using Kind = SearchKey::Kind;
using Term = SearchTerm::Kind;

// For kinds that mean the same on both sides.
Kind kind_of(Term kind) noexcept {
  switch (kind) {
    case Term::all:
      return Kind::all;
    case Term::sequence:
    case Term::uid:
    case Term::recent:
      return Kind::uids;
    case Term::flag:
      return Kind::flag;
    case Term::keyword:
      return Kind::keyword;
    case Term::larger:
      return Kind::larger;
    case Term::smaller:
      return Kind::smaller;
    case Term::before:
      return Kind::before;
    case Term::on:
      return Kind::on;
    case Term::since:
      return Kind::since;
    case Term::sent_before:
      return Kind::sent_before;
    case Term::sent_on:
      return Kind::sent_on;
    case Term::sent_since:
      return Kind::sent_since;
    case Term::saved_before:
      return Kind::saved_before;
    case Term::saved_on:
      return Kind::saved_on;
    case Term::saved_since:
      return Kind::saved_since;
    case Term::save_date_known:
      return Kind::has_save_date;
    case Term::older:
      return Kind::older;
    case Term::younger:
      return Kind::younger;
    case Term::modseq:
      return Kind::modseq;
    case Term::header:
      return Kind::header;
    case Term::from:
      return Kind::from;
    case Term::to:
      return Kind::to;
    case Term::cc:
      return Kind::cc;
    case Term::bcc:
      return Kind::bcc;
    case Term::subject:
      return Kind::subject;
    case Term::body:
      return Kind::body;
    case Term::text:
      return Kind::text;
    case Term::email_id:
      return Kind::email_id;
    case Term::thread_id:
      return Kind::thread_id;
    case Term::all_of:
      return Kind::all_of;
    case Term::any_of:
      return Kind::any_of;
    case Term::none_of:
      return Kind::none_of;
  }
  return Kind::all;
}

// The parser bounds the depth.
class Translator {
 public:
  Translator(const Selected& selected, std::string_view charset) : selected_(selected), charset_(charset) {}

  SearchKey key(const SearchTerm& term) const {
    SearchKey result;
    result.kind = kind_of(term.kind);
    result.flags = term.flags;
    result.number = static_cast<std::uint64_t>(term.number);
    result.name = term.name;
    result.fuzzy = term.fuzzy;
    // Names of keywords are ASCII whatever the charset.
    result.text = term.kind == Term::keyword || term.text.empty() ? term.text : utf8(term.text);
    switch (term.kind) {
      case Term::sequence:
        result.uids = by_number(term.numbers);
        break;
      case Term::uid:
        result.uids = *selected_.resolve(term.numbers, true);
        break;
      case Term::recent:
        result.uids = UidSet::of(selected_.first_recent(), UINT32_MAX);
        break;
      default:
        break;
    }
    for (const SearchTerm& inner : term.keys) result.keys.push_back(key(inner));
    return result;
  }

 private:
  // Numbers that there are not match nothing.
  UidSet by_number(const NumberSet& set) const {
    if (set.is_saved_result()) return *selected_.resolve(set, false);
    UidSet uids;
    const NumberSet::Sequence sequence = set.sequence(selected_.exists());
    for (const UidRange& range : sequence.numbers.ranges()) {
      for (std::uint32_t number = range.first; number <= range.last; ++number) uids.add(selected_.uid_of(number));
    }
    return uids;
  }
  std::string utf8(const std::string& text) const { return base::to_utf8(text, charset_).value_or(text); }

  const Selected& selected_;
  std::string_view charset_;
};

// Criteria of RFC 8514.
bool has_save_date(const SearchTerm& term) {
  return term.kind == Term::saved_before || term.kind == Term::saved_on || term.kind == Term::saved_since ||
         term.kind == Term::save_date_known || std::any_of(term.keys.begin(), term.keys.end(), has_save_date);
}

// What is not offered is answered as if it were unknown.
const char* not_offered(const Context& context, const Search& search) {
  const ReturnOptions& options = search.options;
  const bool has_extended = options.save || options.partial || options.update || options.context || options.relevancy;
  const bool has_basic = options.min || options.max || options.all || options.count || (options.given && !has_extended);
  const bool has_basics = context.enabled.rev2 || offers(context, "ESEARCH");
  // RFC 5267 §4.4 counts from the first result alone.
  const bool has_partial = offers(context, "PARTIAL") ||
                           (offers(context, "CONTEXT=SEARCH") && options.partial && !options.partial->from_end);
  if ((has_basic && !has_basics) || (options.save && !offers_saved_result(context)) ||
      (options.partial && !has_partial) ||
      ((options.update || options.context) && !offers(context, "CONTEXT=SEARCH")) ||
      (options.relevancy && !offers(context, "SEARCH=FUZZY"))) {
    return "Unknown return option";
  }
  const SearchUses& uses = search.uses;
  if ((uses.within && !offers(context, "WITHIN")) || (uses.fuzzy && !offers(context, "SEARCH=FUZZY")) ||
      (uses.modseq && !offers_condstore(context)) || (has_save_date(search.root) && !offers(context, "SAVEDATE"))) {
    return "Unknown search key";
  }
  return nullptr;
}

// "$" means messages, not numbers.
bool has_numbers(const SearchTerm& term) {
  return (term.kind == Term::sequence && !term.numbers.is_saved_result()) ||
         std::any_of(term.keys.begin(), term.keys.end(), has_numbers);
}

}  // namespace

std::optional<Answer> check_numbers(Context& context, const SearchTerm& criteria) {
  if (!has_numbers(criteria)) return {};
  if (context.enabled.uid_only) return uid_required();
  context.keep_numbers = true;
  return {};
}

std::variant<Answer, SearchKey> translate_search(Context& context, const Search& search, std::string& out) {
  if (const char* reason = not_offered(context, search)) return bad(reason);
  // RFC 6203 §4
  if (search.options.relevancy && !search.uses.fuzzy) return bad("RELEVANCY needs FUZZY");
  // RFC 6855 §3: the strings are UTF-8 already.
  if (context.enabled.utf8 && !search.charset.empty()) return bad("No CHARSET after ENABLE UTF8=ACCEPT");
  const std::string_view charset = search.charset.empty() ? std::string_view("utf-8") : search.charset;
  if (!base::is_known_charset(charset)) return no("Unknown charset", code_bad_charset());
  if (std::optional<Answer> answer = check_numbers(context, search.root)) return *std::move(answer);
  if (search.uses.modseq) enable_condstore(context, out);
  SearchKey key = Translator(*context.selected, charset).key(search.root);
  key.comparator = context.enabled.comparator;
  return key;
}

}  // namespace postfach::imap
