// Where an octet stands, many octets at a time.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace postfach::base {

inline constexpr std::size_t kMaskedOctets = 64;

// A bit for each of kMaskedOctets that is `octet`, the lowest one for the first of them.
inline std::uint64_t octet_mask(const char* octets, char octet) noexcept {
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi8(octet);
  const auto sixteen = [octets, wanted](std::size_t at) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(octets + at));
    return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, wanted)))};
  };
  return sixteen(0) | sixteen(16) << 16U | sixteen(32) << 32U | sixteen(48) << 48U;
#else
  std::uint64_t mask = 0;
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  constexpr std::uint64_t kLow = 0x7F * kEach;
  for (unsigned at = 0; at < kMaskedOctets; at += 8) {
    std::uint64_t word = 0;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&word, octets + at, sizeof word);
    } else {
      for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{static_cast<unsigned char>(octets[at + i])} << 8 * i;
    }
    word ^= kEach * static_cast<unsigned char>(octet);
    // The highest bit of each octet that is zero now; the product gathers the eight of them.
    const std::uint64_t zeros = ~(((word & kLow) + kLow) | word | kLow) >> 7U;
    mask |= zeros * 0x0102040810204080U >> 56U << at;
  }
  return mask;
#endif
}

}  // namespace postfach::base
