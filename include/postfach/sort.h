// Sort: messages of one mailbox in the order of what is in them (RFC 5256 §3 SORT, RFC 5957).
//
//     Sorter sorter({{SortField::subject}, {SortField::date, true}});
//     for (Uid from = 1; from != 0;) from = mailbox.sort(sorter, found, from).value();
//     std::array<Uid, 100> first;
//     const std::size_t count = sorter.take(first);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "postfach/search.h"
#include "postfach/types.h"

namespace postfach {

// Texts are compared by a comparator, in the first 1000 octets of the form that it makes of them; what is absent is the
// empty text, which comes first. Addresses are those of ENVELOPE, encoded words are decoded.
enum class SortField : std::uint8_t {
  arrival,       // INTERNALDATE with its time
  cc,            // mailbox (local part) of the first address
  date,          // Date: field with its time and zone; INTERNALDATE where it says nothing (RFC 5256 §2.2)
  display_from,  // name of the first address, or else its mailbox@host (RFC 5957 §3)
  display_to,
  from,       // mailbox of the first address
  relevance,  // of a search with fuzzy criteria, the most relevant first (RFC 6203 §6); see set_relevance
  size,       // octets
  subject,    // base subject (RFC 5256 §2.1)
  to,         // mailbox of the first address
};

struct SortCriterion {
  SortField field = SortField::arrival;
  bool reverse = false;  // of this criterion only
};

// Gathers messages (Mailbox::sort) and then gives them back in order, as many at a time as the caller likes. Where all
// criteria agree UIDs ascend. Takes 16 octets for each message and what is compared of its texts. Movable; used by one
// thread at a time.
class Sorter {
 public:
  // Octets that a sorter may take; beyond them Mailbox::sort returns limit. A million messages by subject fit.
  static constexpr std::uint64_t kMostOctets = 64ULL * 1024 * 1024;

  // In the order of their weight. A field that is there twice counts once.
  explicit Sorter(const std::vector<SortCriterion>& criteria, Comparator comparator = Comparator::unicode_casemap);
  Sorter(Sorter&&) noexcept;
  Sorter& operator=(Sorter&&) noexcept;
  ~Sorter();

  // How relevant the messages are that are gathered next, each 1 to 100; UIDs ascend. Others are not relevant at all.
  void set_relevance(std::vector<Uid> uids, std::vector<std::uint8_t> scores);

  std::size_t size() const noexcept;  // messages gathered
  Uid first() const noexcept;         // in order, of those that were not taken yet; 0 if there are none
  Uid last() const noexcept;
  // The next ones in order; fewer than there is room for only at the end. Ends the gathering.
  std::size_t take(std::span<Uid> uids);
  // Passes over so many.
  void skip(std::size_t count);

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace postfach
