#include "search_fuzzy.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::store {
namespace {

// What is gathered before it is folded; a longer run without an ASCII blank is cut anywhere between two characters.
constexpr std::size_t kFoldedPiece = 4096;
// Characters of a word that is compared with errors. What is longer is no word of any language.
constexpr std::size_t kLongestWord = 64;

// How much of the score a word is worth, by how it was found.
constexpr unsigned kSame = 90;
constexpr unsigned kBeginning = 75;
constexpr unsigned kWithin = 45;
constexpr unsigned kOneError = 40;
constexpr unsigned kTwoErrors = 25;

// The text is valid UTF-8: fold_words makes no other.
void decode(std::string_view text, std::u32string& out) {
  out.clear();
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (base::is_continuation(c)) {
      out.back() = (out.back() << 6U) | (octet & 0x3FU);
    } else {
      out.push_back(octet < 0x80 ? octet : octet < 0xE0 ? octet & 0x1FU : octet < 0xF0 ? octet & 0x0FU : octet & 0x07U);
    }
  }
}

std::uint32_t letter(char c) noexcept { return 1U << (static_cast<unsigned char>(c) & 31U); }

// Insertions, deletions, replacements and exchanges of neighbours that make one of the other; more than most if there
// are more. Both have at most kLongestWord characters.
unsigned errors_between(const std::u32string& a, const std::u32string& b, unsigned most) {
  using Line = std::array<unsigned, kLongestWord + 1>;
  Line before_last{};
  Line last{};
  Line line{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<unsigned>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    line[0] = static_cast<unsigned>(i);
    unsigned least = line[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      unsigned errors = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      errors = std::min({errors, last[j] + 1, line[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        errors = std::min(errors, before_last[j - 2] + 1);
      }
      line[j] = errors;
      least = std::min(least, errors);
    }
    if (least > most) return most + 1;
    before_last = last;
    last = line;
  }
  return last[b.size()];
}

// Calls visit(text, length, letters) for each word.
template <class Visit>
void for_each_token(std::string_view words, Visit&& visit) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::size_t start = at;
    std::size_t length = 0;
    std::uint32_t letters = 0;
    for (; at < words.size() && words[at] != ' '; ++at) {
      length += base::is_continuation(words[at]) ? 0 : 1;
      letters |= letter(words[at]);
    }
    if (at > start) visit(words.substr(start, at - start), length, letters);
  }
}

}  // namespace

FuzzyNeedle::FuzzyNeedle(std::string_view text) : phrase_(base::trim(base::fold_words(text))) {
  for_each_token(phrase_, [this](std::string_view token, std::size_t length, std::uint32_t letters) {
    if (std::any_of(words_.begin(), words_.end(), [token](const Word& word) { return word.text == token; })) return;
    Word& word = words_.emplace_back();
    word.text = token;
    decode(token, word.characters);
    word.letters = letters;
    const bool is_number = std::any_of(token.begin(), token.end(), base::is_digit);
    word.most_errors = is_number || length < 4 || length > kLongestWord ? 0 : length < 8 ? 1 : 2;
    // Scripts that put no space between words have short ones.
    word.within = length >= 4 || (length >= 2 && !base::is_ascii(token));
  });
}

void FuzzyNeedle::forget() noexcept {
  phrase_found_ = 0;
  for (Word& word : words_) word.found = 0;
}

void FuzzyNeedle::look_for_phrase(std::string_view words, unsigned worth) {
  if (phrase_found_ < worth && contains_folded(words, phrase_)) phrase_found_ = worth;
}

void FuzzyNeedle::look_for_words(std::string_view words, unsigned worth) {
  const bool all_same =
      std::all_of(words_.begin(), words_.end(), [worth](const Word& w) { return w.found >= kSame * worth / 100; });
  if (all_same) return;
  for_each_token(words, [this, worth](std::string_view text, std::size_t length, std::uint32_t letters) {
    for (Word& word : words_) word.found = std::max(word.found, quality(word, {text, length, letters}) * worth / 100);
  });
}

unsigned FuzzyNeedle::quality(const Word& word, const Token& token) {
  const auto missing = static_cast<unsigned>(std::popcount(word.letters & ~token.letters));
  if (missing == 0 && token.text.size() >= word.text.size()) {
    if (token.text == word.text) return kSame;
    if (token.text.starts_with(word.text)) return kBeginning;
    if (word.within && contains_folded(token.text, word.text)) return kWithin;
  }
  const std::size_t wanted = word.characters.size();
  const std::size_t difference = std::max(token.length, wanted) - std::min(token.length, wanted);
  if (word.most_errors == 0 || difference > word.most_errors || token.length > kLongestWord) return 0;
  // An error changes one letter on each side at most; those that share a bit only hide differences. Octets of other
  // scripts are no letters.
  if (token.length == token.text.size() && wanted == word.text.size()) {
    const auto foreign = static_cast<unsigned>(std::popcount(token.letters & ~word.letters));
    if (std::max(missing, foreign) > word.most_errors) return 0;
  }
  decode(token.text, characters_);
  const unsigned errors = errors_between(word.characters, characters_, word.most_errors);
  if (errors > word.most_errors) return 0;
  return errors == 1 ? kOneError : kTwoErrors;
}

std::uint8_t FuzzyNeedle::score() const noexcept {
  unsigned sum = 0;
  bool has_all = !words_.empty();
  for (const Word& word : words_) {
    sum += word.found;
    has_all = has_all && word.found > 0;
  }
  const unsigned words = has_all ? sum / static_cast<unsigned>(words_.size()) : 0;
  return static_cast<std::uint8_t>(std::min(100U, std::max(words, phrase_found_)));
}

void FuzzyScan::begin() {
  unfolded_.clear();
  window_.clear();
}

bool FuzzyScan::feed(std::string_view text) {
  unfolded_.append(text);
  if (unfolded_.size() < kFoldedPiece) return true;
  // ASCII blanks belong to no character and no word.
  std::size_t size = unfolded_.find_last_of(" \t\r\n") + 1;
  if (size == 0) {
    size = unfolded_.size();
    while (size > 1 && base::is_continuation(unfolded_[size - 1])) --size;
    if (size > 1) --size;  // the character that may go on
  }
  return search(size);
}

bool FuzzyScan::finish() { return search(unfolded_.size()); }

// What was folded ends with a space unless a word was cut.
bool FuzzyScan::search(std::size_t size) {
  const std::size_t old = window_.size();
  const std::string words = base::fold_words(std::string_view(unfolded_).substr(0, size));
  unfolded_.erase(0, size);
  // No two spaces in a row, as within a needle.
  window_.append(words, !window_.empty() && window_.back() == ' ' && words.starts_with(' ') ? 1 : 0);
  std::size_t longest = 0;
  bool all_found = true;
  for (Entry& entry : entries) {
    if (!entry.wanted) continue;
    entry.needle.look_for_phrase(window_, worth);
    entry.needle.look_for_words(std::string_view(window_).substr(old), worth);
    longest = std::max(longest, entry.needle.size());
    all_found = all_found && entry.needle.has_phrase();
  }
  window_.erase(0, window_.size() - std::min(window_.size(), longest > 0 ? longest - 1 : 0));
  return !all_found;
}

}  // namespace postfach::store
