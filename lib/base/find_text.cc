#include "find_text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "ascii.h"

namespace postfach::base {
namespace {

// Compilers make vector instructions of what is said of these, on every machine that has them.
using Block = std::uint8_t __attribute__((vector_size(16)));
constexpr std::size_t kBlock = sizeof(Block);

// How common octets are in mail: of the octets of a needle the rarest are looked for first. Letters in the order of how
// often English has them; what is no letter is taken for something in between.
constexpr std::string_view kCommon = " etaoinsrhldcumfpgwybvk";

std::size_t commonness(char c) noexcept {
  const std::size_t place = kCommon.find(c);
  if (place != std::string_view::npos) return kCommon.size() - place;
  return is_alpha(c) ? 0 : kCommon.size() / 2;
}

// The place of the first octet of a block that is not zero; kBlock: there is none. The others are all ones.
std::size_t first_of(const Block& hits) noexcept {
#ifdef __SSE2__
  const auto bits = static_cast<unsigned>(_mm_movemask_epi8(reinterpret_cast<__m128i>(hits)));
  return bits == 0 ? kBlock : static_cast<std::size_t>(std::countr_zero(bits));
#else
  std::uint64_t words[2];
  std::memcpy(words, &hits, sizeof words);
  if ((words[0] | words[1]) == 0) return kBlock;
  std::size_t place = 0;
  while (hits[place] == 0) ++place;
  return place;
#endif
}

// How many octets are equal, up to the whole needle.
std::size_t equal_octets(const char* text, std::string_view needle) noexcept {
  std::size_t size = 0;
  while (size < needle.size() && to_lower(text[size]) == needle[size]) ++size;
  return size;
}

}  // namespace

std::size_t find_pair(std::string_view text, const OctetPair& pair, std::size_t from, std::size_t readable) noexcept {
  if (text.size() <= pair.distance) return std::string_view::npos;
  const std::size_t end = text.size() - pair.distance;  // where no pair begins any more
  const char* const first = text.data();
  const char* const second = first + pair.distance;
  Block a;
  Block b;
  Block c;
  Block d;
  std::memset(&a, pair.first, kBlock);
  std::memset(&b, pair.first_too, kBlock);
  std::memset(&c, pair.second, kBlock);
  std::memset(&d, pair.second_too, kBlock);
  const auto look_at = [&](std::size_t at) {
    Block x;
    Block y;
    std::memcpy(&x, first + at, kBlock);
    std::memcpy(&y, second + at, kBlock);
    return first_of(reinterpret_cast<Block>(((x == a) | (x == b)) & ((y == c) | (y == d))));
  };
  std::size_t at = from;
  while (at + kBlock <= end) {
    if (const std::size_t place = look_at(at); place < kBlock) return at + place;
    at += kBlock;
    // The last octets are looked at together with some of those before.
    if (at < end && at + kBlock > end) at = end - kBlock;
  }
  if (at < end && at + kBlock + pair.distance <= readable) {
    const std::size_t place = look_at(at);
    return at + place < end ? at + place : std::string_view::npos;
  }
  for (; at < end; ++at) {
    if ((first[at] == pair.first || first[at] == pair.first_too) &&
        (second[at] == pair.second || second[at] == pair.second_too)) {
      return at;
    }
  }
  return std::string_view::npos;
}

TextFinder::TextFinder(std::string_view needle) : needle_(needle) {
  if (needle.empty()) return;
  const auto rarest = [needle](std::size_t but) {
    std::size_t best = but == 0 && needle.size() > 1 ? 1 : 0;
    for (std::size_t i = 0; i < needle.size(); ++i) {
      if (i != but && commonness(needle[i]) < commonness(needle[best])) best = i;
    }
    return best;
  };
  const std::size_t one = rarest(needle.size());
  const auto [first, last] = std::minmax({one, rarest(one)});
  pair_ = {needle[first], to_upper(needle[first]), needle[last], to_upper(needle[last]), last - first};
  at_ = first;
}

bool TextFinder::is_in(std::string_view text, std::size_t readable) const {
  if (needle_.empty()) return true;
  if (needle_.size() > text.size()) return false;
  // Only where the whole needle has room.
  const std::string_view range(text.data() + at_, text.size() - needle_.size() + pair_.distance + 1);
  readable = std::max(readable, text.size()) - at_;
  std::size_t compared = 0;
  for (std::size_t at = find_pair(range, pair_, 0, readable); at != std::string_view::npos;
       at = find_pair(range, pair_, at + 1, readable)) {
    const std::size_t equal = equal_octets(text.data() + at, needle_);
    if (equal == needle_.size()) return true;
    compared += equal + 1;
    if (compared <= text.size()) continue;
    const std::string lower = to_lower(text.substr(at));
    return ::memmem(lower.data(), lower.size(), needle_.data(), needle_.size()) != nullptr;
  }
  return false;
}

}  // namespace postfach::base
