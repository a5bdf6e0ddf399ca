#include "search_matcher.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "message/date.h"
#include "message/envelope_view.h"
#include "message/header.h"

namespace postfach::store {
namespace {

using Kind = SearchKey::Kind;

constexpr std::int64_t kSecondsPerDay = 86'400;

Match as_match(bool yes) noexcept { return yes ? Match::yes : Match::no; }

// Days since 1970-01-01 as the date was written: RFC 9051 §6.4.4 disregards time and zone.
std::int64_t day_of(const DateTime& time) noexcept {
  const std::int64_t local = time.seconds + time.zone_minutes * 60;
  return local / kSecondsPerDay - (local % kSecondsPerDay < 0 ? 1 : 0);
}

// RFC 8514 §4.3: INTERNALDATE stands in for a save date that there is not.
std::int64_t saved_day_of(const SearchRow& row) noexcept {
  return day_of(row.saved ? DateTime{*row.saved, 0} : row.internal_date);
}

// The day that a criterion names.
std::int64_t as_day(std::uint64_t number) noexcept { return static_cast<std::int64_t>(number); }

// What is found in a body counts less than what is found in a header (RFC 6203 §4).
constexpr unsigned kHeaderWorth = 100;
constexpr unsigned kBodyWorth = 70;

}  // namespace

Match SearchMatcher::match_row(const Node& node, const SearchRow& row) const noexcept {
  switch (node.kind) {
    case Kind::uids:
      return as_match(node.uids.contains(row.uid));
    case Kind::flag:
      return as_match((row.flags & node.flags) == node.flags);
    case Kind::keyword:
      return as_match((row.keywords & node.keyword) != 0);
    case Kind::larger:
      return as_match(row.size > node.number);
    case Kind::smaller:
      return as_match(row.size < node.number);
    case Kind::before:
      return as_match(day_of(row.internal_date) < as_day(node.number));
    case Kind::on:
      return as_match(day_of(row.internal_date) == as_day(node.number));
    case Kind::since:
      return as_match(day_of(row.internal_date) >= as_day(node.number));
    case Kind::saved_before:
      return as_match(saved_day_of(row) < as_day(node.number));
    case Kind::saved_on:
      return as_match(saved_day_of(row) == as_day(node.number));
    case Kind::saved_since:
      return as_match(saved_day_of(row) >= as_day(node.number));
    case Kind::has_save_date:
      return as_match(row.saved.has_value());
    case Kind::older:
    case Kind::younger: {
      // Compared as a difference: whatever the interval, nothing overflows.
      const std::int64_t age = now_ - row.internal_date.seconds;
      const bool is_older = age >= static_cast<std::int64_t>(node.number);
      const bool is_younger = age <= static_cast<std::int64_t>(node.number);
      return as_match(node.kind == Kind::older ? is_older : is_younger);
    }
    case Kind::modseq:
      return as_match(row.modseq >= node.number);
    case Kind::email_id:
    case Kind::thread_id: {
      const std::vector<std::int64_t>& bodies = bodies_[node.bodies].list;
      return as_match(std::binary_search(bodies.begin(), bodies.end(), row.body_id));
    }
    default:
      return Match::yes;  // all, and text that is empty
  }
}

Match SearchMatcher::match_date(const Node& node, std::optional<std::int64_t> day) noexcept {
  // A message whose Date: field is absent or means nothing was sent neither before nor after any day.
  if (!day) return Match::no;
  const std::int64_t wanted = as_day(node.number);
  if (node.kind == Kind::sent_before) return as_match(*day < wanted);
  return as_match(node.kind == Kind::sent_on ? *day == wanted : *day >= wanted);
}

// Combines what is known, from the leaves to the root, and then tells each criterion whether it still matters.
void SearchMatcher::settle() {
  if (nodes_.size() == 1 && nodes_.front().stage != Stage::group) {
    nodes_.front().wanted = nodes_.front().match == Match::unknown;
    return;
  }
  for (Node& node : nodes_) {
    if (node.stage == Stage::group) node.match = as_match(node.kind == Kind::all_of);
  }
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    Node& node = nodes_[i];
    if (node.kind == Kind::none_of && node.match != Match::unknown) {
      node.match = as_match(node.match == Match::no);
    }
    if (i == 0) break;
    Node& parent = nodes_[node.parent];
    const Match decisive = as_match(parent.kind != Kind::all_of);
    if (parent.match == decisive) continue;
    if (node.match == decisive || node.match == Match::unknown) parent.match = node.match;
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    node.wanted = node.match == Match::unknown && (i == 0 || nodes_[node.parent].wanted);
  }
}

SearchMatcher::Texts SearchMatcher::texts() const {
  Texts texts;
  if (scan_.comparator != Comparator::unicode_casemap) return texts;
  for (const Needle& needle : scan_.needles) texts.list.emplace_back(needle.text);
  texts.in_bodies = texts.list.size();
  for (const Node& node : nodes_) {
    if (node.header_text) texts.list.emplace_back(node.text);
  }
  return texts;
}

void SearchMatcher::set_candidates(std::span<const std::optional<Candidates>> candidates) noexcept {
  candidates_ = candidates;
  has_candidates_ =
      std::any_of(candidates.begin(), candidates.end(), [](const auto& answer) { return answer.has_value(); });
}

bool SearchMatcher::is_indexed(std::int64_t body_id) const noexcept {
  return std::all_of(candidates_.begin(), candidates_.end(), [body_id](const std::optional<Candidates>& answer) {
    return answer && body_id <= answer->indexed_to;
  });
}

bool SearchMatcher::is_ruled_out(const Node& node, std::int64_t body_id) const noexcept {
  if (!has_candidates_ || node.is_fuzzy) return false;
  const auto rules_out = [&](std::size_t text) { return candidates_[text] && candidates_[text]->rule_out(body_id); };
  if (node.header_text) return rules_out(scan_.needles.size() + *node.header_text);
  if (node.stage != Stage::text) return false;
  return rules_out(node.needle) && (node.header_needle == node.needle || rules_out(node.header_needle));
}

Match SearchMatcher::match(const SearchRow& row) {
  for (Node& node : nodes_) {
    if (node.stage == Stage::row) {
      node.match = match_row(node, row);
    } else {
      node.match = is_ruled_out(node, row.body_id) ? Match::no : Match::unknown;
    }
  }
  settle();
  return nodes_.front().match;
}

Result<bool> SearchMatcher::decide(SearchSource& source) {
  if (is_subject_alone_) {
    const Result<std::string_view> envelope = source.envelope();
    if (!envelope) return envelope.error();
    return match_subject(*envelope);
  }
  for (Needle& needle : scan_.needles) needle.found = false;
  for (FuzzyScan::Entry& entry : fuzzy_.entries) entry.needle.forget();
  if (is_alone_) {
    Node& node = nodes_.front();
    node.wanted = true;
    node.match = Match::unknown;
    if (node.stage == Stage::header) {
      if (Result<void> done = decide_by_header(source); !done) return std::move(done).error();
      return node.match == Match::yes;
    }
  }
  for (const auto step :
       {&SearchMatcher::decide_by_envelope, &SearchMatcher::decide_by_header, &SearchMatcher::decide_by_text}) {
    if (is_decided()) break;
    if (Result<void> done = (this->*step)(source); !done) return std::move(done).error();
    settle();
  }
  return nodes_.front().match == Match::yes;
}

std::uint8_t SearchMatcher::score() {
  for (Node& node : nodes_) node.scores = node.sum = 0;
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    Node& node = nodes_[i];
    unsigned score = 0;  // 0: it has none
    if (node.match == Match::yes && node.stage == Stage::group && node.scores > 0) {
      score = node.kind == Kind::all_of ? node.sum / node.scores : node.sum;
    } else if (node.match == Match::yes && node.is_scored) {
      score = node.is_fuzzy ? node.score : 100;
    }
    if (i == 0) return static_cast<std::uint8_t>(std::max(score, 1U));
    Node& parent = nodes_[node.parent];
    if (score == 0 || parent.kind == Kind::none_of) continue;
    parent.sum = parent.kind == Kind::all_of ? parent.sum + score : std::max(parent.sum, score);
    ++parent.scores;
  }
  return 1;
}

// Of a text of its own; 0 if it does not match.
std::uint8_t SearchMatcher::fuzzy_score(const Node& node, std::string_view text) {
  FuzzyNeedle& needle = fuzzy_.entries[node.needle].needle;
  needle.forget();
  needle.look_for_phrase(text, kHeaderWorth);
  if (!needle.has_phrase()) needle.look_for_words(text, kHeaderWorth);
  return needle.score();
}

bool SearchMatcher::wants(Stage stage) const noexcept {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [stage](const Node& node) { return node.wanted && node.stage == stage; });
}

// Most often nothing but the octets of the subject is to be looked at, as they stand.
bool SearchMatcher::match_subject(std::string_view envelope) {
  Node& node = nodes_.front();
  const std::string_view quoted = message::quoted_subject(envelope);
  Glimpse::Sight sight = Glimpse::Sight::unclear;
  if (quoted.data() != nullptr && Glimpse::is_plain(quoted)) {
    const auto readable = static_cast<std::size_t>(envelope.data() + envelope.size() - quoted.data());
    sight = node.glimpse.look_at_quoted(quoted, readable);
  }
  if (sight == Glimpse::Sight::unclear) sight = search_subject(node, envelope, quoted);
  node.match = as_match(sight == Glimpse::Sight::present);
  return node.match == Match::yes;
}

// The same by the text of the subject.
Glimpse::Sight SearchMatcher::search_subject(const Node& node, std::string_view envelope, std::string_view quoted) {
  std::optional<std::string_view> subject = quoted;
  if (quoted.data() == nullptr || quoted.find('\\') != std::string_view::npos) {
    subject = message::EnvelopeView(envelope).text(message::EnvelopeField::subject, scratch_);
  }
  if (!subject) return Glimpse::Sight::absent;
  folded_.clear();
  append_folded(folded_, field_text(*subject, decoded_), scan_.comparator);
  const Glimpse::Sight sight = node.glimpse.look(folded_);
  if (sight != Glimpse::Sight::unclear) return sight;
  return contains_folded(folded_, node.text) ? Glimpse::Sight::present : Glimpse::Sight::absent;
}

Result<void> SearchMatcher::decide_by_envelope(SearchSource& source) {
  if (!wants(Stage::envelope)) return {};
  const Result<std::string_view> envelope = source.envelope();
  if (!envelope) return envelope.error();
  const auto wants_kind = [this](bool subject) {
    return std::any_of(nodes_.begin(), nodes_.end(), [subject](const Node& node) {
      return node.wanted && node.stage == Stage::envelope && (node.kind == Kind::subject) == subject;
    });
  };
  message::EnvelopeView view(*envelope);
  std::optional<std::int64_t> day;
  if (wants_kind(false)) {
    const auto date = view.text(message::EnvelopeField::date, scratch_);
    if (const auto time = date ? message::parse_date(*date) : std::nullopt) day = day_of(*time);
  }
  std::optional<std::string_view> subject;
  bool is_plain = false;
  bool is_folded = false;
  if (wants_kind(true)) {
    subject = view.text(message::EnvelopeField::subject, scratch_);
    is_plain = subject && Glimpse::is_plain(*subject);
  }
  const auto fold_subject = [&] {
    if (is_folded) return;
    is_folded = true;
    folded_.clear();
    const std::string_view text = field_text(*subject, decoded_);
    append_folded(folded_, text, scan_.comparator);
    if (has_scores_) words_ = base::fold_words(text);
  };
  for (Node& node : nodes_) {
    if (!node.wanted || node.stage != Stage::envelope) continue;
    if (node.kind != Kind::subject) {
      node.match = match_date(node, day);
    } else if (!subject) {
      node.score = 0;
      node.match = Match::no;
    } else if (node.is_fuzzy) {
      fold_subject();
      node.score = fuzzy_score(node, words_);
      node.match = as_match(node.score > 0);
    } else {
      const Glimpse::Sight sight = is_plain ? node.glimpse.look(*subject) : Glimpse::Sight::unclear;
      if (sight == Glimpse::Sight::unclear) fold_subject();
      node.match = as_match(sight == Glimpse::Sight::present ||
                            (sight == Glimpse::Sight::unclear && contains_folded(folded_, node.text)));
    }
  }
  return {};
}

Result<void> SearchMatcher::decide_by_header(SearchSource& source) {
  if (!wants(Stage::header)) return {};
  const Result<std::string_view> front = source.front();
  if (!front) return front.error();
  if (scan_fields(*front, true) == 0) {
    const Result<std::string_view> block = source.header();
    if (!block) return block.error();
    scan_fields(*block, false);
  }
  for (Node& node : nodes_) {
    if (node.stage == Stage::header && node.wanted && node.match == Match::unknown) node.match = Match::no;
  }
  return {};
}

std::size_t SearchMatcher::scan_fields(std::string_view text, bool is_cut) {
  return field_scan_.scan(text, is_cut, [this](std::size_t field, const message::HeaderField& found) {
    match_field(field_nodes_[field], found.value);
  });
}

// What there is to look at of a value that needs no decoding: without its quotes if they don't count. Null: it does.
std::string_view SearchMatcher::plain_octets(std::string_view value, bool is_address) {
  if (!Glimpse::is_plain(value)) return {};
  if (!is_address || !has_quoting(value)) return value;
  unquoted_ = value;
  remove_quoting(unquoted_);
  return unquoted_;
}

void SearchMatcher::match_field(const std::vector<std::size_t>& nodes, std::string_view value) {
  bool is_folded = false;
  std::optional<std::string_view> plain;
  for (const std::size_t i : nodes) {
    Node& node = nodes_[i];
    if (!node.wanted || (node.match == Match::yes && !node.is_fuzzy)) continue;
    if (!node.is_fuzzy && !is_folded) {
      if (!plain) plain = plain_octets(value, node.is_address);
      const Glimpse::Sight sight = plain->data() != nullptr ? node.glimpse.look(*plain) : Glimpse::Sight::unclear;
      if (sight == Glimpse::Sight::present) node.match = Match::yes;
      if (sight != Glimpse::Sight::unclear) continue;
    }
    if (!is_folded) {
      folded_.clear();
      const std::string_view text = field_text(value, decoded_);
      append_folded(folded_, text, scan_.comparator);
      if (has_scores_) words_ = base::fold_words(text);
      if (node.is_address) remove_quoting(folded_);
      is_folded = true;
    }
    if (node.is_fuzzy) {
      const std::uint8_t score = fuzzy_score(node, words_);
      node.score = node.match == Match::yes ? std::max(node.score, score) : score;
      if (score > 0) node.match = Match::yes;
    } else if (contains_folded(folded_, node.text)) {
      node.match = Match::yes;
    }
  }
}

// header: only TEXT looks there (RFC 9051 §6.4.4).
void SearchMatcher::want_needles(bool header) {
  for (Needle& needle : scan_.needles) needle.wanted = false;
  for (FuzzyScan::Entry& entry : fuzzy_.entries) entry.wanted = false;
  fuzzy_.worth = header ? kHeaderWorth : kBodyWorth;
  for (const Node& node : nodes_) {
    if (!node.wanted || node.stage != Stage::text || (header && node.kind != Kind::text)) continue;
    if (node.is_fuzzy) {
      fuzzy_.entries[node.needle].wanted = true;
      continue;
    }
    scan_.needles[header ? node.header_needle : node.needle].wanted = true;
  }
}

bool SearchMatcher::wants_needles() const noexcept {
  const auto is_wanted = [](const auto& needle) { return needle.wanted; };
  return std::any_of(scan_.needles.begin(), scan_.needles.end(), is_wanted) ||
         std::any_of(fuzzy_.entries.begin(), fuzzy_.entries.end(), is_wanted);
}

// Decides of the needles what can be seen without decoding; which fields are to be decoded for the rest?
SearchMatcher::FieldsToScan SearchMatcher::glance_at_header(std::string_view block) {
  for (const FuzzyScan::Entry& entry : fuzzy_.entries) {
    if (entry.wanted) return FieldsToScan::all;
  }
  const bool is_plain = Glimpse::is_plain(block);
  FieldsToScan fields = is_plain ? FieldsToScan::none : FieldsToScan::foreign;
  for (Needle& needle : scan_.needles) {
    if (!needle.wanted || needle.found) continue;
    const Glimpse::Sight sight = needle.glimpse.look(block);
    if (sight == Glimpse::Sight::absent) continue;
    needle.found = is_plain && sight == Glimpse::Sight::present;
    if (!needle.found) fields = FieldsToScan::all;
  }
  return fields;
}

void SearchMatcher::settle_needles(bool all_read) {
  for (Node& node : nodes_) {
    if (node.stage != Stage::text || !node.wanted) continue;
    if (node.is_fuzzy) {
      // The words may be found in different parts, and better in the next.
      const FuzzyNeedle& needle = fuzzy_.entries[node.needle].needle;
      if (!needle.has_phrase() && !all_read) continue;
      node.score = needle.score();
      node.match = as_match(node.score > 0);
      continue;
    }
    if (scan_.needles[node.needle].found || scan_.needles[node.header_needle].found) {
      node.match = Match::yes;
    } else if (all_read) {
      node.match = Match::no;
    }
  }
  settle();
}

Result<void> SearchMatcher::decide_by_text(SearchSource& source) {
  const auto packed = source.sections();
  if (!packed) return packed.error();
  BothScans scans(scan_, fuzzy_);
  for (const message::Part& part : message::Sections(*packed).nodes()) {
    want_needles(true);
    if (wants_needles()) {
      const auto block = source.read(part.header.offset, std::min(part.header.size, kSearchedHeader));
      if (!block) return block.error();
      if (const FieldsToScan fields = glance_at_header(*block); fields != FieldsToScan::none) {
        scan_header(*block, scans, fields == FieldsToScan::foreign);
      }
      settle_needles(false);
      if (is_decided()) return {};
    }
    const Result<bool> searched = is_searched(part, source);
    if (!searched) return searched.error();
    if (!*searched) continue;
    want_needles(false);
    if (Result<bool> scanned = scan_body(part, source, scans); !scanned) return std::move(scanned).error();
    settle_needles(false);
    if (is_decided()) return {};
  }
  settle_needles(true);
  return {};
}

}  // namespace postfach::store
