// Search: a tree of criteria over one mailbox (RFC 9051 §6.4.4).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "postfach/types.h"

namespace postfach {

// How texts are compared (RFC 4790); the names are those of the registry.
enum class Comparator : std::uint8_t {
  // i;unicode-casemap: whatever RFC 5051 holds to be equal is equal, and so is what full case folding adds to it
  // ("ss" and "ß").
  unicode_casemap,
  ascii_casemap,  // i;ascii-casemap: without regard to the case of A to Z
  octet,          // i;octet: the same UTF-8
};

// One criterion. Text is UTF-8 and means a substring. Dates are days since 1970-01-01, compared as written in the
// message or INTERNALDATE, without time and zone.
struct SearchKey {
  enum class Kind : std::uint8_t {
    all,      // every message
    uids,     // `uids`
    flag,     // system flag `flags` is set
    keyword,  // keyword `text` is set
    larger,   // size > `number`
    smaller,  // size < `number`
    before,
    on,
    since,  // INTERNALDATE against day `number`
    sent_before,
    sent_on,
    sent_since,  // Date: field against day `number`
    saved_before,
    saved_on,
    saved_since,    // save date in UTC, or INTERNALDATE where there is none, against day `number` (RFC 8514 §4.3)
    has_save_date,  // SAVEDATESUPPORTED: whether it is known when the message was saved
    older,
    younger,  // INTERNALDATE at least or at most `number` seconds before now, the time of the step (RFC 5032)
    modseq,   // MODSEQ >= `number` (RFC 7162 §3.1.5)
    header,   // field `name` has `text`; an empty text means that the field is present
    from,
    to,
    cc,
    bcc,
    subject,    // ENVELOPE fields have `text`
    body,       // a decoded text part has `text`
    text,       // a decoded header or text part has `text`
    email_id,   // MessageView::email_id is `text`, exactly
    thread_id,  // MessageView::thread_id is `text`, exactly
    all_of,     // every one of `keys`
    any_of,     // at least one of `keys`
    none_of,    // NOT: none of `keys`
  };

  Kind kind = Kind::all;
  UidSet uids = {};
  Flags flags = {};
  std::uint64_t number = 0;  // octets, seconds, MODSEQ, or a day as a two's complement number
  std::string name = {};
  std::string text = {};
  // Of a criterion with `text`: all words of the text, in any order, are there or nearly so (RFC 6203): case, accents
  // and punctuation count for nothing, and a longer word may have a typing error. Finds all that an exact search with
  // Comparator::unicode_casemap finds. Other kinds of criteria are matched exactly.
  bool fuzzy = false;
  // Of the tree's root: for all criteria in it that are not fuzzy.
  Comparator comparator = Comparator::unicode_casemap;
  std::vector<SearchKey> keys = {};
};

// How much one step of a search may do before it returns, so that other work gets its turn.
struct SearchBudget {
  std::uint32_t messages = 20'000;        // rows looked at
  std::uint64_t bytes = 4 * 1024 * 1024;  // octets of headers and bodies read
  std::uint32_t matches = UINT32_MAX;     // messages found
};

// What one step found. The search is finished when next is 0, else go on from UID next.
struct SearchPage {
  std::vector<Uid> uids;  // ascending
  // With a fuzzy criterion in the tree: how relevant each of `uids` is, 1 to 100 (RFC 6203 §4). Else empty.
  std::vector<std::uint8_t> scores;
  ModSeq highest_modseq = 0;  // of the messages found in this step; 0 if none
  Uid next = 0;
};

// A search of more than one step. Keeps what the full-text index said, so that it is asked once and not in each step;
// what it says only ever rules messages out, so that those which come meanwhile are looked into as they are. Movable;
// used by one thread at a time, for mailboxes of one account.
//
//     Searcher searcher(key);
//     for (Uid from = 1; from != 0;) {
//       const SearchPage page = mailbox.search(searcher, UidSet::all(), from).value();
//       …
//       from = page.next;
//     }
class Searcher {
 public:
  // Octets that it may keep: 8 for each message that the index names, for each text. Beyond them every step asks anew.
  static constexpr std::uint64_t kMostOctets = 8ULL * 1024 * 1024;

  explicit Searcher(SearchKey key);
  Searcher(Searcher&&) noexcept;
  Searcher& operator=(Searcher&&) noexcept;
  ~Searcher();

  const SearchKey& key() const noexcept;

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace postfach
