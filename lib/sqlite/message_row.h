// What is known of a message of a mailbox, apart from its body.
#pragma once

#include <cstdint>
#include <optional>

#include "postfach/types.h"

namespace postfach::sqlite {

// Bits of a message's flags beside those of Flags.
inline constexpr std::uint32_t kNoFinalCrlf = 32;
inline constexpr std::uint32_t kHiddenFromPop3 = 64;
// What a STORE of flags leaves alone.
inline constexpr std::uint32_t kNoFlags = kNoFinalCrlf | kHiddenFromPop3;

inline Flags flags_of(std::uint32_t flag_bits) noexcept {
  return Flags::from_bits(static_cast<std::uint8_t>(flag_bits & 31U));
}

struct MessageRow {
  Uid uid = 0;
  MessageId id = {};
  std::uint32_t flag_bits = 0;  // Flags, kNoFinalCrlf and kHiddenFromPop3; 16 bits
  KeywordMask keywords = 0;
  ModSeq modseq = 0;
  DateTime internal_date = {};
  std::uint64_t size = 0;
  std::int64_t body_id = 0;
  std::optional<std::int64_t> saved = {};  // seconds since 1970; none: before schema version 2

  bool operator==(const MessageRow&) const noexcept = default;
  Flags flags() const noexcept { return flags_of(flag_bits); }
};

}  // namespace postfach::sqlite
