#include "grams.h"

#include <algorithm>

namespace postfach::store {
namespace {

constexpr std::size_t kOctets = 3;
constexpr std::size_t kMostWords = 16;

std::uint32_t gram_at(std::string_view text, std::size_t at) noexcept {
  const auto octet = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]));
  };
  return octet(0) << 16U | octet(1) << 8U | octet(2);
}

void append_word(std::string& out, std::uint32_t gram) {
  // Capitals would be the same word.
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuv";
  for (unsigned shift = 25; shift != 0;) {
    shift -= 5;
    out += kLetters[gram >> shift & 31U];
  }
  out += ' ';
}

}  // namespace

GramSet::GramSet() : seen_(std::size_t{1} << 18U) {}

void GramSet::clear() {
  for (const std::uint32_t gram : grams_) seen_[gram >> 6U] = 0;
  grams_.clear();
}

bool GramSet::read(bool) {
  add_folded(window());
  keep(kOctets - 1);
  return is_whole();
}

void GramSet::add_folded(std::string_view text) {
  for (std::size_t at = 0; at + kOctets <= text.size(); ++at) {
    const std::uint32_t gram = gram_at(text, at);
    const std::uint64_t bit = std::uint64_t{1} << (gram & 63U);
    if ((seen_[gram >> 6U] & bit) != 0) continue;
    seen_[gram >> 6U] |= bit;
    grams_.push_back(gram);
  }
}

void GramSet::append_words(std::string& out) const {
  out.reserve(out.size() + grams_.size() * 6);
  for (const std::uint32_t gram : grams_) append_word(out, gram);
}

std::optional<std::string> words_of(std::string_view folded) {
  if (folded.size() < kOctets) return std::nullopt;
  std::vector<std::uint32_t> grams;
  for (std::size_t at = 0; at + kOctets <= folded.size(); ++at) grams.push_back(gram_at(folded, at));
  std::sort(grams.begin(), grams.end());
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  // Evenly over all of them: neighbours say much the same.
  std::string words;
  const std::size_t count = std::min(grams.size(), kMostWords);
  for (std::size_t i = 0; i < count; ++i) append_word(words, grams[i * grams.size() / count]);
  return words;
}

}  // namespace postfach::store
