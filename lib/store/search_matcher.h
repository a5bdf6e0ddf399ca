// A SearchKey tree made ready to be asked about one message after the other.
//
// Invariants:
// - Three-valued: a criterion is true, false or not known yet. Those that the narrow row answers come first, then
//   ENVELOPE, then the header, then bodies, and only as far as the outcome still hangs on it.
// - A part of a message is read once for all needles that are looked for in it.
// - The tree is kept flat, parents before children: no recursion, and nothing is allocated for a message that its row
//   decides.
// - A matcher holds all that it needs of the SearchKey, which may go once it is compiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "message/header.h"
#include "postfach/result.h"
#include "postfach/search.h"
#include "postfach/types.h"
#include "search_fuzzy.h"
#include "search_index.h"
#include "search_needles.h"
#include "search_text.h"

namespace postfach::store {

// The narrow row of a message.
struct SearchRow {
  Uid uid = 0;
  Flags flags = {};
  KeywordMask keywords = 0;
  ModSeq modseq = 0;
  DateTime internal_date = {};
  std::uint64_t size = 0;
  std::int64_t body_id = 0;
  std::optional<std::int64_t> saved = {};
};

// Asked once for each identifier that is searched for (RFC 8474 §6).
class SearchedIds {
 public:
  virtual ~SearchedIds() = default;
  // The bodies of the messages with this identifier, ascending. kind: email_id or thread_id.
  virtual Result<std::vector<std::int64_t>> bodies_of(SearchKey::Kind kind, std::string_view id) = 0;
};

enum class Match : std::uint8_t { no, yes, unknown };

class SearchMatcher {
 public:
  // Levels of a tree. IMAP permits 32 of parentheses; chains of OR and NOT may add as many as a command has keys.
  static constexpr std::size_t kDeepest = 2000;

  // names: the keywords of the mailbox; ids: without it no message has an identifier. Errors: invalid_argument for too
  // deep a tree; those of ids.
  static Result<SearchMatcher> compile(const SearchKey& key, const KeywordNames& names, SearchedIds* ids = nullptr);

  // Criteria, groups among them: what match() costs.
  std::size_t size() const noexcept { return nodes_.size(); }
  // Whether a criterion looks at ENVELOPE, so that SearchSource::envelope() may be asked for.
  bool reads_envelopes() const noexcept { return reads_envelopes_; }
  // Whether a criterion looks at fields of the header, so that SearchSource::header() may be asked for.
  bool reads_headers() const noexcept { return !field_nodes_.empty(); }
  // Whether a criterion looks into bodies, so that SearchSource::sections() may be asked for.
  bool reads_sections() const noexcept { return !scan_.needles.empty() || !fuzzy_.entries.empty(); }
  // Whether the tree has a fuzzy criterion, so that score() means something.
  bool has_scores() const noexcept { return has_scores_; }

  // The texts that the index may know of, folded; for set_candidates(), which takes an answer for each. The answers have
  // to outlive the matcher.
  struct Texts {
    std::vector<std::string_view> list;
    std::size_t in_bodies = 0;  // of them, the first are looked for in bodies, the rest in the header
  };
  Texts texts() const;
  void set_candidates(std::span<const std::optional<Candidates>> candidates) noexcept;
  // Whether the index has told about the body all that it could.
  bool is_indexed(std::int64_t body_id) const noexcept;

  // Whether match() may say more than "unknown". If not, it need not be called before decide().
  bool needs_row() const noexcept { return !is_alone_ || has_candidates_; }
  // What the row and the index say.
  Match match(const SearchRow& row);
  // Decides what the row left open, for the message that match() was asked about last, if it was.
  Result<bool> decide(SearchSource& source);
  // Whether that needs ENVELOPE alone and nothing but match_subject(), which is decide() for such a tree.
  bool is_subject_alone() const noexcept { return is_subject_alone_; }
  bool match_subject(std::string_view envelope);
  // How relevant the message that was found last is: 1 to 100 (RFC 6203 §4). It is the mean of all fuzzy criteria that
  // must match and the best of alternatives; one that is not about text counts as 100.
  std::uint8_t score();

 private:
  // What a criterion needs to be decided, from cheap to dear.
  enum class Stage : std::uint8_t { row, envelope, header, text, group };

  struct Node {
    SearchKey::Kind kind = SearchKey::Kind::all;
    Stage stage = Stage::row;
    Match match = Match::unknown;
    bool wanted = false;      // the outcome may hang on it
    bool is_address = false;  // the header field lists addresses
    bool is_scored = false;   // under FUZZY
    bool is_fuzzy = false;    // and compared by words; `needle` is an index into the fuzzy ones
    std::uint8_t score = 0;   // of the message at hand
    unsigned scores = 0;      // of a group: how many there are
    unsigned sum = 0;         // and what they add up to
    std::size_t parent = 0;   // of the root: itself
    Flags flags = {};
    KeywordMask keyword = 0;  // the bit; 0: no such keyword
    std::uint64_t number = 0;
    UidSet uids = {};
    std::string text = {};                        // folded, of envelope and header criteria
    Glimpse glimpse = {};                         // of it
    std::size_t needle = 0;                       // index, of text criteria
    std::optional<std::size_t> header_text = {};  // its number, if the index may know of it; of envelope and header
    std::size_t bodies = 0;                       // index, of identifiers
    std::size_t header_needle = 0;  // the same as it is looked for in headers, whose white space is collapsed
  };

  SearchMatcher() = default;
  Node make_node(const SearchKey& key, std::size_t parent, const KeywordNames& names);
  void add_field(std::string_view name);
  std::size_t add_needle(std::string text);
  Result<void> find_bodies(Node& node, const SearchKey& key, SearchedIds* ids);
  Match match_row(const Node& node, const SearchRow& row) const noexcept;
  static Match match_date(const Node& node, std::optional<std::int64_t> day) noexcept;
  bool is_ruled_out(const Node& node, std::int64_t body_id) const noexcept;
  void settle();
  bool is_decided() const noexcept { return nodes_.front().match != Match::unknown; }
  bool wants(Stage stage) const noexcept;
  Glimpse::Sight search_subject(const Node& node, std::string_view envelope, std::string_view quoted);
  Result<void> decide_by_envelope(SearchSource& source);
  Result<void> decide_by_header(SearchSource& source);
  std::size_t scan_fields(std::string_view text, bool is_cut);
  std::string_view plain_octets(std::string_view value, bool is_address);
  void match_field(const std::vector<std::size_t>& nodes, std::string_view value);
  enum class FieldsToScan : std::uint8_t { none, foreign, all };
  FieldsToScan glance_at_header(std::string_view block);
  Result<void> decide_by_text(SearchSource& source);
  std::uint8_t fuzzy_score(const Node& node, std::string_view text);
  void want_needles(bool header);
  bool wants_needles() const noexcept;
  void settle_needles(bool all_read);

  // What an identifier stands for. Every body is in one thread, so together they are no more than the account has.
  struct Bodies {
    SearchKey::Kind kind = SearchKey::Kind::email_id;
    std::string id;
    std::vector<std::int64_t> list;
  };

  std::vector<Node> nodes_;
  std::vector<Bodies> bodies_;  // distinct
  message::FieldScan field_scan_;
  std::vector<std::vector<std::size_t>> field_nodes_;           // the criteria that look at each of its names
  std::unordered_map<std::string, std::size_t> field_numbers_;  // of each name in small letters
  NeedleScan scan_;
  FuzzyScan fuzzy_;
  std::size_t header_texts_ = 0;  // nodes that have one
  bool has_scores_ = false;
  bool reads_envelopes_ = false;
  bool is_alone_ = false;                                  // there is one criterion, and no row decides it
  bool is_subject_alone_ = false;                          // that is SUBJECT, not compared by words
  std::int64_t now_ = 0;                                   // seconds since 1970
  std::span<const std::optional<Candidates>> candidates_;  // for each of texts(); empty: not asked
  bool has_candidates_ = false;                            // for one of them
  // Buffers that are kept from message to message.
  std::string scratch_;
  std::string decoded_;
  std::string unquoted_;
  std::string folded_;
  std::string words_;
};

}  // namespace postfach::store
