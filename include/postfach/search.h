// Search: a tree of criteria over one mailbox (RFC 9051 §6.4.4).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "postfach/types.h"

namespace postfach {

// One criterion. Text is UTF-8 and means a substring, compared without regard to case (i;unicode-casemap). Dates are
// days since 1970-01-01, compared as written in the message or INTERNALDATE, without time and zone.
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
    modseq,         // MODSEQ >= `number` (RFC 7162 §3.1.5)
    header,         // field `name` has `text`; an empty text means that the field is present
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
  std::uint64_t number = 0;  // octets, MODSEQ, or a day as a two's complement number
  std::string name = {};
  std::string text = {};
  std::vector<SearchKey> keys = {};
};

// How much one step of a search may do before it returns, so that other work gets its turn.
struct SearchBudget {
  std::uint32_t messages = 20'000;        // rows looked at
  std::uint64_t bytes = 4 * 1024 * 1024;  // octets of headers and bodies read
};

// What one step found. The search is finished when next is 0, else go on from UID next.
struct SearchPage {
  std::vector<Uid> uids;      // ascending
  ModSeq highest_modseq = 0;  // of the messages found in this step; 0 if none
  Uid next = 0;
};

}  // namespace postfach
