// SEARCH (RFC 9051 §6.4.4 with the answer of RFC 3501 §7.2.5).
#include <algorithm>
#include <array>

#include "base/charset.h"
#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/state/capability.h"

namespace postfach::imap {
namespace {

using Kind = SearchKey::Kind;

// As the store understands it: sequence numbers and \Recent as UIDs, text in UTF-8. The parser bounds the depth.
class Translator {
 public:
  Translator(const Selected& selected, std::string_view charset) : selected_(selected), charset_(charset) {}

  SearchKey key(const SearchTerm& term) const {
    using Term = SearchTerm::Kind;
    SearchKey result;
    result.flags = term.flags;
    result.number = static_cast<std::uint64_t>(term.number);
    switch (term.kind) {
      case Term::all:
        result.kind = Kind::all;
        break;
      case Term::sequence:
        result.kind = Kind::uids;
        result.uids = by_number(term.numbers);
        break;
      case Term::uid:
        result.kind = Kind::uids;
        result.uids = term.numbers.uids(selected_.last_uid());
        break;
      case Term::recent:
        result.kind = Kind::uids;
        result.uids = UidSet::of(selected_.first_recent(), 0xFFFFFFFFU);
        break;
      case Term::flag:
        result.kind = Kind::flag;
        break;
      case Term::keyword:
        result.kind = Kind::keyword;
        result.text = term.text;
        break;
      case Term::larger:
        result.kind = Kind::larger;
        break;
      case Term::smaller:
        result.kind = Kind::smaller;
        break;
      case Term::before:
        result.kind = Kind::before;
        break;
      case Term::on:
        result.kind = Kind::on;
        break;
      case Term::since:
        result.kind = Kind::since;
        break;
      case Term::sent_before:
        result.kind = Kind::sent_before;
        break;
      case Term::sent_on:
        result.kind = Kind::sent_on;
        break;
      case Term::sent_since:
        result.kind = Kind::sent_since;
        break;
      case Term::saved_before:
        result.kind = Kind::saved_before;
        break;
      case Term::saved_on:
        result.kind = Kind::saved_on;
        break;
      case Term::saved_since:
        result.kind = Kind::saved_since;
        break;
      case Term::save_date_known:
        result.kind = Kind::has_save_date;
        break;
      case Term::header:
        result.kind = Kind::header;
        result.name = term.name;
        result.text = utf8(term.text);
        break;
      case Term::from:
        result.kind = Kind::from;
        result.text = utf8(term.text);
        break;
      case Term::to:
        result.kind = Kind::to;
        result.text = utf8(term.text);
        break;
      case Term::cc:
        result.kind = Kind::cc;
        result.text = utf8(term.text);
        break;
      case Term::bcc:
        result.kind = Kind::bcc;
        result.text = utf8(term.text);
        break;
      case Term::subject:
        result.kind = Kind::subject;
        result.text = utf8(term.text);
        break;
      case Term::body:
        result.kind = Kind::body;
        result.text = utf8(term.text);
        break;
      case Term::text:
        result.kind = Kind::text;
        result.text = utf8(term.text);
        break;
      case Term::all_of:
        result.kind = Kind::all_of;
        add_keys(term, result);
        break;
      case Term::any_of:
        result.kind = Kind::any_of;
        add_keys(term, result);
        break;
      case Term::none_of:
        result.kind = Kind::none_of;
        add_keys(term, result);
        break;
    }
    return result;
  }

 private:
  void add_keys(const SearchTerm& term, SearchKey& result) const {
    for (const SearchTerm& inner : term.keys) result.keys.push_back(key(inner));
  }
  // Numbers that there are not match nothing.
  UidSet by_number(const NumberSet& set) const {
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

class SearchTask : public Task {
 public:
  SearchTask(SearchKey key, UidSet within, bool uid) : key_(std::move(key)), within_(std::move(within)), uid_(uid) {}

  Step step(Context& context, std::string& out, std::size_t soft_limit) override {
    if (told_ == page_.uids.size() && next_ != 0) {
      Result<SearchPage> page = context.selected->mailbox().search(key_, within_, next_);
      if (!page) {
        if (begun_) end_search(out);
        begun_ = false;
        return done(failed(page.error()));
      }
      page_ = *std::move(page);
      next_ = page_.next;
      told_ = 0;
    }
    if (!begun_) {
      begin_search(out);
      begun_ = true;
    }
    while (told_ < page_.uids.size()) {
      if (out.size() >= soft_limit) return Step::more;
      tell_some(*context.selected, out);
    }
    if (next_ != 0) return Step::yield;
    end_search(out);
    begun_ = false;
    return done(ok("Search completed"));
  }

  bool within_response() const override { return begun_; }

 private:
  void tell_some(const Selected& selected, std::string& out) {
    std::array<std::uint32_t, 256> numbers;
    std::size_t size = 0;
    while (size < numbers.size() && told_ < page_.uids.size()) {
      const Uid uid = page_.uids[told_++];
      const std::uint32_t number = selected.number_of(uid);
      if (number != 0) numbers[size++] = uid_ ? uid : number;
    }
    append_search_numbers(out, std::span(numbers).first(size));
  }

  SearchKey key_;
  UidSet within_;
  bool uid_;
  bool begun_ = false;
  SearchPage page_;
  std::size_t told_ = 0;
  Uid next_ = 1;
};

bool has_numbers(const SearchTerm& term) {
  return term.kind == SearchTerm::Kind::sequence || std::any_of(term.keys.begin(), term.keys.end(), has_numbers);
}

// Criteria that belong to an extension.
bool has_save_date(const SearchTerm& term) {
  using Term = SearchTerm::Kind;
  return term.kind == Term::saved_before || term.kind == Term::saved_on || term.kind == Term::saved_since ||
         term.kind == Term::save_date_known || std::any_of(term.keys.begin(), term.keys.end(), has_save_date);
}

Outcome search(Context& context, const Search& arguments, bool uid) {
  if (has_save_date(arguments.root) && !offers(context, "SAVEDATE")) return bad("Unknown search key");
  if (std::optional<Answer> answer = check_numbers(context, arguments.root)) return *std::move(answer);
  const std::string_view charset = arguments.charset.empty() ? std::string_view("utf-8") : arguments.charset;
  if (!base::is_known_charset(charset)) return no("Unknown charset", code_bad_charset());
  const Selected& selected = *context.selected;
  UidSet within;
  for (const Uid known : selected.uids()) within.add(known);
  return std::make_unique<SearchTask>(Translator(selected, charset).key(arguments.root), std::move(within), uid);
}

}  // namespace

std::optional<Answer> check_numbers(Context& context, const SearchTerm& criteria) {
  if (!has_numbers(criteria)) return {};
  if (context.enabled.uid_only) return uid_required();
  context.keep_numbers = true;
  return {};
}

Outcome handle_search(Context& context, const Search& arguments, std::string&) {
  return search(context, arguments, false);
}
Outcome handle_uid_search(Context& context, const Search& arguments, std::string&) {
  return search(context, arguments, true);
}

}  // namespace postfach::imap
