// What FETCH sends of a message, item by item: each is a source of octets that says how many there are and then gives
// them in pieces.
//
// Use:  ItemSource source(item, place, octets, last_decoded);
//       while (source.prepare() == Prepared::again) …;    work in bounded steps, until the size is known
//       announce source.left();
//       while (source.left() > 0) source.read(most, out);
//
// Invariants:
// - Memory is bounded whatever the message is: a window of it, and what that decodes to. The exception is a header that
//   is filtered, which has a limit of its own.
// - What was announced is what comes: the octets are pinned, and decoding depends on them alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "imap/command/fetch.h"
#include "imap/state/decode_point.h"
#include "message/sections.h"
#include "postfach/message.h"

namespace postfach::imap {

// The octets that an item stands for, as its message's row tells: of HEADER.FIELDS the header that is filtered, of
// BINARY what is decoded. A section that does not exist is empty: the client gets an empty string, as from Dovecot.
struct ItemPlace {
  message::Range range;
  message::TransferEncoding encoding = message::TransferEncoding::identity;

  // False: RFC 3516 §4.3 wants NO [UNKNOWN-CTE].
  bool is_decodable() const noexcept { return encoding != message::TransferEncoding::unknown; }
};
ItemPlace place_of(const BodyItem& item, const MessageView& view);

// A message's octets from `begin` on. Nothing is read where a place is empty, so both may be null then.
struct PinnedOctets {
  const std::string* memory = nullptr;
  const Body* body = nullptr;
  std::uint64_t begin = 0;
  std::int64_t body_id = 0;

  // Appends exactly size octets that stand at offset in the message, or returns false.
  bool read(std::uint64_t offset, std::size_t size, std::string& out) const;
};

enum class Prepared : std::uint8_t { ready, again, broken };

// Octets as they are.
class RangeSource {
 public:
  RangeSource(PinnedOctets octets, message::Range range) noexcept : octets_(octets), range_(range) {}
  Prepared prepare() noexcept { return Prepared::ready; }
  std::uint64_t left() const noexcept { return range_.size; }
  bool has_nul() const noexcept { return false; }
  bool read(std::size_t most, std::string& out);

 private:
  PinnedOctets octets_;
  message::Range range_;
};

// HEADER.FIELDS and HEADER.FIELDS.NOT.
class HeaderSource {
 public:
  HeaderSource(PinnedOctets octets, message::Range range, const BodyItem& item) noexcept
      : octets_(octets), range_(range), item_(&item) {}
  Prepared prepare();
  std::uint64_t left() const noexcept { return text_.size() - told_; }
  bool has_nul() const noexcept { return false; }
  bool read(std::size_t most, std::string& out);

 private:
  PinnedOctets octets_;
  message::Range range_;
  const BodyItem* item_;
  std::string text_;
  std::size_t told_ = 0;
};

// BINARY and BINARY.SIZE: decoded twice, first to learn the size and whether there is a NUL, then to be sent. What is
// small is kept from the first time.
class DecodedSource {
 public:
  // partial: which of the decoded octets. sends: false for BINARY.SIZE. last: where to go on from, and what is put there.
  DecodedSource(PinnedOctets octets, const ItemPlace& place, const std::optional<Partial>& partial, bool sends,
                std::optional<LastDecoded>* last);
  Prepared prepare();
  std::uint64_t left() const noexcept { return left_; }
  bool has_nul() const noexcept { return has_nul_; }
  bool read(std::size_t most, std::string& out);

 private:
  bool decode_window();

  PinnedOctets octets_;
  message::Range part_;
  std::uint64_t first_ = 0;  // of the decoded octets that are wanted
  std::uint64_t end_ = UINT64_MAX;
  bool keeps_;
  std::optional<LastDecoded>* last_;
  bool is_measured_ = false;
  std::uint64_t left_ = 0;
  bool has_nul_ = false;

  DecodePoint here_;
  DecodePoint start_;      // to send from
  std::string window_;     // octets of the part
  std::string scratch_;    // of the decoder
  std::string_view view_;  // wanted octets of the window, decoded
  std::string kept_;
};

class ItemSource {
 public:
  // item, what octets points to and last must outlive the source.
  ItemSource(const BodyItem& item, const ItemPlace& place, PinnedOctets octets, std::optional<LastDecoded>& last);
  ItemSource(const ItemSource&) = delete;  // views of its own buffers
  ItemSource& operator=(const ItemSource&) = delete;

  // Some work towards the size. again: others should have their turn before the next call. broken: the octets can't be
  // read.
  Prepared prepare();
  // Octets to come, once prepare() said ready.
  std::uint64_t left() const;
  // Whether there is a NUL among the octets of a BINARY.
  bool has_nul() const;
  // Appends at least one octet and at most `most`. False: broken.
  bool read(std::size_t most, std::string& out);

 private:
  using Source = std::variant<RangeSource, HeaderSource, DecodedSource>;
  static Source make(const BodyItem& item, const ItemPlace& place, PinnedOctets octets,
                     std::optional<LastDecoded>& last);
  Source source_;
};

}  // namespace postfach::imap
