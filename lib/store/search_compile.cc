// SearchMatcher::compile: from a SearchKey tree to the nodes that are asked about messages.
#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/time.h"
#include "search_matcher.h"

namespace postfach::store {
namespace {

using Kind = SearchKey::Kind;

KeywordMask keyword_bit(std::string_view name, const KeywordNames& names) noexcept {
  if (name.empty()) return 0;  // the names of free bits are empty
  for (std::size_t bit = 0; bit < names.size() && bit < 64; ++bit) {
    if (base::equals_ignoring_case(names[bit], name)) return KeywordMask{1} << bit;
  }
  return 0;
}

bool is_text(Kind kind) noexcept {
  switch (kind) {
    case Kind::header:
    case Kind::from:
    case Kind::to:
    case Kind::cc:
    case Kind::bcc:
    case Kind::subject:
    case Kind::body:
    case Kind::text:
      return true;
    default:
      return false;
  }
}

bool is_group(Kind kind) noexcept { return kind == Kind::all_of || kind == Kind::any_of || kind == Kind::none_of; }

// The name of the field that a criterion looks at.
std::string_view field_of(const SearchKey& key) noexcept {
  switch (key.kind) {
    case Kind::from:
      return "From";
    case Kind::to:
      return "To";
    case Kind::cc:
      return "Cc";
    case Kind::bcc:
      return "Bcc";
    default:
      return key.name;
  }
}

}  // namespace

SearchMatcher::Node SearchMatcher::make_node(const SearchKey& key, std::size_t parent, const KeywordNames& names) {
  Node node;
  node.kind = key.kind;
  node.parent = parent;
  node.flags = key.flags;
  node.number = key.number;
  node.uids = key.uids;
  node.is_scored = key.fuzzy && !is_group(key.kind);
  has_scores_ = has_scores_ || node.is_scored;
  if (key.fuzzy && is_text(key.kind)) {
    FuzzyNeedle needle(key.text);
    node.is_fuzzy = needle.has_words();
    if (node.is_fuzzy) {
      node.needle = fuzzy_.entries.size();
      fuzzy_.entries.push_back({.needle = std::move(needle)});
    }
  }
  switch (key.kind) {
    case Kind::all_of:
    case Kind::any_of:
    case Kind::none_of:
      node.stage = Stage::group;
      break;
    case Kind::keyword:
      node.keyword = keyword_bit(key.text, names);
      break;
    case Kind::sent_before:
    case Kind::sent_on:
    case Kind::sent_since:
    case Kind::subject:
      node.stage = Stage::envelope;
      reads_envelopes_ = true;
      break;
    case Kind::header:
    case Kind::from:
    case Kind::to:
    case Kind::cc:
    case Kind::bcc:
      node.stage = Stage::header;
      node.is_address = is_address_field(field_of(key));
      add_field(field_of(key));
      break;
    case Kind::body:
    case Kind::text:
      if (key.text.empty()) break;  // a substring of every text
      node.stage = Stage::text;
      if (node.is_fuzzy) return node;
      node.needle = add_needle(folded(key.text, scan_.comparator));
      node.header_needle = node.needle;
      if (key.kind == Kind::text) {
        std::string collapsed = fold_field(key.text, scan_.comparator);
        if (collapsed != scan_.needles[node.needle].text) node.header_needle = add_needle(std::move(collapsed));
      }
      return node;
    default:
      break;
  }
  if (node.stage == Stage::header || node.stage == Stage::envelope) {
    node.text = fold_field(key.text, scan_.comparator);
    if (node.is_address) remove_quoting(node.text);
    node.glimpse = Glimpse(node.text, scan_.comparator);
    // The index knows text in its folded form alone. It folds a very long run of other characters in pieces, and combining
    // marks at their ends may stand in another order than here: it is asked for ASCII, which that does not touch.
    const bool is_indexed = scan_.comparator == Comparator::unicode_casemap && !node.is_fuzzy && is_text(key.kind) &&
                            base::is_ascii(node.text);
    if (is_indexed) node.header_text = header_texts_++;
  }
  return node;
}

// For the node that is made.
void SearchMatcher::add_field(std::string_view name) {
  const auto [known, is_new] = field_numbers_.emplace(base::to_lower(name), field_nodes_.size());
  if (is_new) {
    field_scan_.add(name);
    field_nodes_.emplace_back();
  }
  field_nodes_[known->second].push_back(nodes_.size());
}

// Its index. No two criteria share a needle: TEXT may find it where BODY does not look.
std::size_t SearchMatcher::add_needle(std::string text) {
  scan_.needles.emplace_back(std::move(text), scan_.comparator);
  return scan_.needles.size() - 1;
}

Result<void> SearchMatcher::find_bodies(Node& node, const SearchKey& key, SearchedIds* ids) {
  if (key.kind != Kind::email_id && key.kind != Kind::thread_id) return {};
  const auto known = std::find_if(bodies_.begin(), bodies_.end(), [&key](const Bodies& bodies) {
    return bodies.kind == key.kind && bodies.id == key.text;
  });
  node.bodies = static_cast<std::size_t>(known - bodies_.begin());
  if (known != bodies_.end()) return {};
  bodies_.push_back({key.kind, key.text, {}});
  if (ids == nullptr) return {};
  auto found = ids->bodies_of(key.kind, key.text);
  if (!found) return found.error();
  bodies_.back().list = *std::move(found);
  return {};
}

Result<SearchMatcher> SearchMatcher::compile(const SearchKey& key, const KeywordNames& names, SearchedIds* ids) {
  struct Place {
    const SearchKey* key;
    std::size_t depth;
  };
  SearchMatcher matcher;
  matcher.scan_.comparator = key.comparator;
  matcher.now_ = base::now().seconds;
  std::vector<Place> places{{&key, 1}};
  matcher.nodes_.push_back(matcher.make_node(key, 0, names));
  if (auto done = matcher.find_bodies(matcher.nodes_.back(), key, ids); !done) return done.error();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto [parent, depth] = places[i];
    if (!is_group(parent->kind)) continue;
    if (depth >= kDeepest) return Error{Errc::invalid_argument, "search criteria are nested too deeply"};
    for (const SearchKey& child : parent->keys) {
      matcher.nodes_.push_back(matcher.make_node(child, i, names));
      if (auto done = matcher.find_bodies(matcher.nodes_.back(), child, ids); !done) return done.error();
      places.push_back({&child, depth + 1});
    }
  }
  const Node& first = matcher.nodes_.front();
  matcher.is_alone_ = first.stage != Stage::row && first.stage != Stage::group;
  matcher.is_subject_alone_ = first.kind == Kind::subject && !first.is_fuzzy;
  return matcher;
}

}  // namespace postfach::store
