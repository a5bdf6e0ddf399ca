// What is compared of a message, as one row of octets: two messages are in the order of memcmp of their keys.
//
// Invariant: no key is the beginning of another one. Numbers have eight octets, the highest first; texts end in an octet
// that is lower than any in them; a criterion in reverse has its octets inverted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/envelope_view.h"
#include "postfach/sort.h"
#include "sqlite/messages.h"

namespace postfach::store {

// RFC 5256 §2.2: Date: in UTC, or INTERNALDATE. Seconds since 1970.
std::int64_t sent_date(message::EnvelopeView& envelope, const DateTime& internal_date, std::string& scratch);

// Appends what octets are compared of a text.
void append_collated(std::string& out, std::string_view text, Comparator comparator);

class SortKeyWriter {
 public:
  SortKeyWriter(const std::vector<SortCriterion>& criteria, Comparator comparator);

  // Whether ENVELOPE is needed.
  bool reads_envelope() const noexcept { return reads_envelope_; }
  void set_relevance(std::vector<Uid> uids, std::vector<std::uint8_t> scores);
  // Appends the key of a message.
  void append(std::string& out, const sqlite::MessageRow& row, std::string_view envelope);

 private:
  void append_field(std::string& out, SortField field, const sqlite::MessageRow& row, message::EnvelopeView& envelope);
  void append_text(std::string& out, std::string_view text);
  std::string_view mailbox_of(message::EnvelopeView& envelope, message::EnvelopeField list);
  std::string_view display_name_of(message::EnvelopeView& envelope, message::EnvelopeField list);

  std::uint8_t score_of(Uid uid) const noexcept;

  std::vector<SortCriterion> criteria_;
  std::vector<Uid> scored_;
  std::vector<std::uint8_t> scores_;  // of these
  Comparator comparator_;
  bool reads_envelope_ = false;
  // Kept from message to message.
  std::string scratch_;
  std::string decoded_;
  std::string collated_;
};

}  // namespace postfach::store
