#include "sort_keys.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "message/base_subject.h"
#include "message/date.h"
#include "message/decode.h"
#include "message/header.h"

namespace postfach::store {
namespace {

using message::EnvelopeField;

// Octets of a text that count: a line (RFC 5322 §2.1.1). No honest text is longer, and none may fill the memory.
constexpr std::size_t kLongestText = 1000;

void append_number(std::string& out, std::uint64_t number) {
  for (unsigned shift = 64; shift > 0; shift -= 8) out.push_back(static_cast<char>(number >> (shift - 8) & 0xFFU));
}

void append_signed(std::string& out, std::int64_t number) {
  append_number(out, static_cast<std::uint64_t>(number) ^ std::uint64_t{1} << 63U);
}

bool needs_envelope(SortField field) noexcept {
  return field != SortField::arrival && field != SortField::size && field != SortField::relevance;
}

}  // namespace

std::int64_t sent_date(message::EnvelopeView& envelope, const DateTime& internal_date, std::string& scratch) {
  if (const auto date = envelope.text(EnvelopeField::date, scratch)) {
    if (const auto time = message::parse_sent_date(*date)) return time->seconds;
  }
  return internal_date.seconds;
}

void append_collated(std::string& out, std::string_view text, Comparator comparator) {
  switch (comparator) {
    case Comparator::unicode_casemap:
      return base::append_collation_key(out, text);
    case Comparator::ascii_casemap:  // RFC 4790 §9.2.1
      for (const char c : text) out.push_back(base::to_upper(c));
      return;
    case Comparator::octet:
      out.append(text);
      return;
  }
}

SortKeyWriter::SortKeyWriter(const std::vector<SortCriterion>& criteria, Comparator comparator)
    : comparator_(comparator) {
  for (const SortCriterion& criterion : criteria) {
    const bool is_known = std::any_of(criteria_.begin(), criteria_.end(),
                                      [&](const SortCriterion& other) { return other.field == criterion.field; });
    if (is_known) continue;
    criteria_.push_back(criterion);
    reads_envelope_ = reads_envelope_ || needs_envelope(criterion.field);
  }
}

void SortKeyWriter::set_relevance(std::vector<Uid> uids, std::vector<std::uint8_t> scores) {
  scored_ = std::move(uids);
  scores_ = std::move(scores);
  scores_.resize(scored_.size());
}

std::uint8_t SortKeyWriter::score_of(Uid uid) const noexcept {
  const auto at = std::lower_bound(scored_.begin(), scored_.end(), uid);
  if (at == scored_.end() || *at != uid) return 0;
  return scores_[static_cast<std::size_t>(at - scored_.begin())];
}

void SortKeyWriter::append(std::string& out, const sqlite::MessageRow& row, std::string_view envelope) {
  message::EnvelopeView view(envelope);
  for (const SortCriterion& criterion : criteria_) {
    const std::size_t begin = out.size();
    append_field(out, criterion.field, row, view);
    if (!criterion.reverse) continue;
    for (std::size_t i = begin; i < out.size(); ++i) out[i] = static_cast<char>(~static_cast<unsigned char>(out[i]));
  }
}

void SortKeyWriter::append_field(std::string& out, SortField field, const sqlite::MessageRow& row,
                                 message::EnvelopeView& envelope) {
  switch (field) {
    case SortField::arrival:
      return append_signed(out, row.internal_date.seconds);
    case SortField::date:
      return append_signed(out, sent_date(envelope, row.internal_date, scratch_));
    case SortField::relevance:
      return append_number(out, UINT8_MAX - std::uint64_t{score_of(row.uid)});
    case SortField::size:
      return append_number(out, row.size);
    case SortField::cc:
      return append_text(out, mailbox_of(envelope, EnvelopeField::cc));
    case SortField::from:
      return append_text(out, mailbox_of(envelope, EnvelopeField::from));
    case SortField::to:
      return append_text(out, mailbox_of(envelope, EnvelopeField::to));
    case SortField::display_from:
      return append_text(out, display_name_of(envelope, EnvelopeField::from));
    case SortField::display_to:
      return append_text(out, display_name_of(envelope, EnvelopeField::to));
    case SortField::subject: {
      const auto subject = envelope.text(EnvelopeField::subject, scratch_);
      return append_text(out, message::base_subject(subject.value_or(std::string_view()), decoded_).text);
    }
  }
}

// 0 ends the text; 0 and 1 in it become 1 1 and 1 2, which leaves them in order.
void SortKeyWriter::append_text(std::string& out, std::string_view text) {
  collated_.clear();
  append_collated(collated_, text, comparator_);
  if (collated_.size() > kLongestText) collated_.resize(kLongestText);
  for (const char c : collated_) {
    if (c == 0 || c == 1) {
      out.push_back(1);
      out.push_back(static_cast<char>(c + 1));
    } else {
      out.push_back(c);
    }
  }
  out.push_back(0);
}

std::string_view SortKeyWriter::mailbox_of(message::EnvelopeView& envelope, EnvelopeField list) {
  const auto address = envelope.first_address(list);
  if (!address) return {};
  return message::read_nstring(address->mailbox, scratch_).value_or(std::string_view());
}

// RFC 5957 §3.
std::string_view SortKeyWriter::display_name_of(message::EnvelopeView& envelope, EnvelopeField list) {
  const auto address = envelope.first_address(list);
  if (!address) return {};
  if (const auto name = message::read_nstring(address->name, scratch_)) {
    decoded_ = message::decode_encoded_words(*name);
    if (!decoded_.empty()) return decoded_;
  }
  const auto mailbox = message::read_nstring(address->mailbox, scratch_);
  if (!mailbox) return {};
  decoded_ = *mailbox;
  if (const auto host = message::read_nstring(address->host, scratch_)) {
    decoded_ += '@';
    decoded_ += *host;
  }
  return decoded_;
}

}  // namespace postfach::store
