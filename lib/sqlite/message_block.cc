#include "message_block.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace postfach::sqlite {
namespace {

// An entry. Numbers have their lowest octet first.
constexpr std::size_t kUid = 0;            // 4 octets
constexpr std::size_t kFlags = 4;          // 2
constexpr std::size_t kZone = 6;           // 2, signed
constexpr std::size_t kId = 8;             // 8 from here on
constexpr std::size_t kBody = 16;          //
constexpr std::size_t kSize = 24;          //
constexpr std::size_t kModSeq = 32;        //
constexpr std::size_t kInternalDate = 40;  // signed
constexpr std::size_t kSaved = 48;         // signed; kNotSaved: not known
constexpr std::size_t kKeywords = 56;

constexpr std::int64_t kNotSaved = INT64_MIN;

template <class Number>
Number swapped_on_big_endian(Number number) noexcept {
  if constexpr (std::endian::native == std::endian::big) {
    auto* const octets = reinterpret_cast<char*>(&number);
    std::reverse(octets, octets + sizeof number);
  }
  return number;
}

template <class Number>
Number load(const char* place) noexcept {
  Number number;
  std::memcpy(&number, place, sizeof number);
  return swapped_on_big_endian(number);
}

template <class Number>
void save(char* place, Number number) noexcept {
  number = swapped_on_big_endian(number);
  std::memcpy(place, &number, sizeof number);
}

struct Summary {
  Uid last_uid = 0;
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  ModSeq modseq = 0;
};

Summary sum_up(Entries entries) noexcept {
  Summary sum{.messages = static_cast<std::uint32_t>(entries.size())};
  if (entries.size() != 0) sum.last_uid = entries.uid(entries.size() - 1);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if ((entries.flag_bits(i) & Flags(Flag::seen).bits()) == 0) ++sum.unseen;
    sum.modseq = std::max(sum.modseq, entries.modseq(i));
  }
  return sum;
}

}  // namespace

void pack(const MessageRow& row, char* entry) noexcept {
  save(entry + kUid, std::uint32_t{row.uid});
  save(entry + kZone, static_cast<std::int16_t>(row.internal_date.zone_minutes));
  save(entry + kId, static_cast<std::int64_t>(row.id));
  save(entry + kBody, row.body_id);
  save(entry + kSize, row.size);
  save(entry + kInternalDate, std::int64_t{row.internal_date.seconds});
  save(entry + kSaved, row.saved.value_or(kNotSaved));
  pack_flags(row.flag_bits, row.keywords, row.modseq, entry);
}

void pack_flags(std::uint32_t flag_bits, KeywordMask keywords, ModSeq modseq, char* entry) noexcept {
  save(entry + kFlags, static_cast<std::uint16_t>(flag_bits));
  save(entry + kModSeq, std::uint64_t{modseq});
  save(entry + kKeywords, std::uint64_t{keywords});
}

Uid Entries::uid(std::size_t index) const noexcept {
  return load<std::uint32_t>(octets_.data() + index * kEntryOctets + kUid);
}

std::uint32_t Entries::flag_bits(std::size_t index) const noexcept {
  return load<std::uint16_t>(octets_.data() + index * kEntryOctets + kFlags);
}

ModSeq Entries::modseq(std::size_t index) const noexcept {
  return load<std::uint64_t>(octets_.data() + index * kEntryOctets + kModSeq);
}

void Entries::read(std::size_t index, MessageRow& row) const noexcept {
  const char* const entry = octets_.data() + index * kEntryOctets;
  row.uid = load<std::uint32_t>(entry + kUid);
  row.id = static_cast<MessageId>(load<std::int64_t>(entry + kId));
  row.flag_bits = load<std::uint16_t>(entry + kFlags);
  row.keywords = load<std::uint64_t>(entry + kKeywords);
  row.modseq = load<std::uint64_t>(entry + kModSeq);
  row.internal_date = {load<std::int64_t>(entry + kInternalDate), load<std::int16_t>(entry + kZone)};
  row.size = load<std::uint64_t>(entry + kSize);
  row.body_id = load<std::int64_t>(entry + kBody);
  const auto saved = load<std::int64_t>(entry + kSaved);
  row.saved = saved == kNotSaved ? std::nullopt : std::optional(saved);
}

std::size_t Entries::find(Uid wanted, std::size_t from) const noexcept {
  std::size_t end = size();
  while (from < end) {
    const std::size_t middle = from + (end - from) / 2;
    if (uid(middle) < wanted) {
      from = middle + 1;
    } else {
      end = middle;
    }
  }
  return from;
}

// The block in which ?2 has its place is the last one that does not begin behind it.
BlockCursor::BlockCursor(Connection& db, MailboxId mailbox)
    : mailbox_(mailbox),
      statement_(
          db.query("SELECT id, last_uid, entries FROM message_block WHERE id BETWEEN "
                   "ifnull((SELECT max(id) FROM message_block WHERE id BETWEEN ?1 AND ?2), ?2) AND ?3 ORDER BY id")) {}

bool BlockCursor::step() {
  if (!statement_.next()) {
    is_running_ = false;
    entries_ = {};
    return false;
  }
  id_ = statement_.integer(0);
  last_uid_ = statement_.number<Uid>(1);
  const std::string_view octets = statement_.blob(2);
  entries_ = Entries(octets.substr(0, octets.size() / kEntryOctets * kEntryOctets));
  return true;
}

bool BlockCursor::advance(Uid uid) {
  if (is_running_) {
    if (uid <= last_uid_) return true;
    // Most often the next block is the one.
    if (!step()) return false;
    if (uid <= last_uid_) return true;
  } else if (last_uid_ != 0) {
    return false;  // the end was reached
  }
  constexpr Uid kHighest = UINT32_MAX;
  statement_.bind(block_id(mailbox_, 0), block_id(mailbox_, uid), block_id(mailbox_, kHighest));
  is_running_ = true;
  while (step()) {
    if (uid <= last_uid_) return true;
  }
  last_uid_ = kHighest;
  return false;
}

Result<void> insert_block(Connection& db, std::int64_t id, std::string_view entries) {
  const Summary sum = sum_up(Entries(entries));
  return db.run(
      "INSERT INTO message_block (id, last_uid, messages, unseen, modseq, entries) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", id,
      sum.last_uid, sum.messages, sum.unseen, sum.modseq, Octets{entries});
}

Result<void> update_block(Connection& db, std::int64_t id, std::string_view entries) {
  const Summary sum = sum_up(Entries(entries));
  return db.run(
      "UPDATE message_block SET last_uid = ?2, messages = ?3, unseen = ?4, modseq = ?5, entries = ?6 WHERE id = ?1", id,
      sum.last_uid, sum.messages, sum.unseen, sum.modseq, Octets{entries});
}

Result<void> delete_block(Connection& db, std::int64_t id) {
  return db.run("DELETE FROM message_block WHERE id = ?1", id);
}

}  // namespace postfach::sqlite
