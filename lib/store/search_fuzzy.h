// Fuzzy criteria (RFC 6203): all words of a text, in any order, or nearly so.
//
// Text is compared as words (base::fold_words): case, accents and punctuation count for nothing. A word is found as it
// is, as the beginning of a longer one, within one, or with a typing error: one in a word of four letters or more, two
// from eight on, none in numbers. The whole text in one piece is found anywhere, so that nothing is missed that an exact
// search finds.
//
// Each octet of a text is folded once. What is done for a word does not depend on the size of the text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search_needles.h"

namespace postfach::store {

class FuzzyNeedle {
 public:
  explicit FuzzyNeedle(std::string_view text);

  // False for a text without words ("!!"): it can only be looked for as it is.
  bool has_words() const noexcept { return !words_.empty(); }
  std::size_t size() const noexcept { return phrase_.size(); }

  // For the next message.
  void forget() noexcept;
  // Folded words, and how much what is found there is worth, in percent.
  void look_for_phrase(std::string_view words, unsigned worth);
  void look_for_words(std::string_view words, unsigned worth);
  bool has_phrase() const noexcept { return phrase_found_ > 0; }
  // 1 to 100 if it was found, else 0.
  std::uint8_t score() const noexcept;

 private:
  struct Word {
    std::string text;
    std::u32string characters;
    std::uint32_t letters;  // which there are, as bits; distinct letters may share one
    unsigned most_errors;
    bool within;         // long enough to be looked for within others
    unsigned found = 0;  // percent
  };
  // A word of the text.
  struct Token {
    std::string_view text;
    std::size_t length;  // characters
    std::uint32_t letters;
  };
  unsigned quality(const Word& word, const Token& token);

  std::string phrase_;
  std::vector<Word> words_;
  unsigned phrase_found_ = 0;  // percent
  std::u32string characters_;  // of the token at hand
};

// All of the needles at once in a text that comes in pieces.
class FuzzyScan final : public TextSink {
 public:
  struct Entry {
    FuzzyNeedle needle;
    bool wanted = false;
  };
  std::vector<Entry> entries;
  unsigned worth = 100;  // of the text at hand

  void begin() override;
  bool feed(std::string_view text) override;
  bool finish() override;

 private:
  bool search(std::size_t size);

  std::string unfolded_;
  std::string window_;  // folded words: the end of what was searched, and what is to be searched
};

// Two scans of the same text.
class BothScans final : public TextSink {
 public:
  BothScans(NeedleScan& exact, FuzzyScan& fuzzy) noexcept : exact_(exact), fuzzy_(fuzzy) {}
  void begin() override {
    exact_.begin();
    fuzzy_.begin();
    has_exact_ = has(exact_.needles);
    has_fuzzy_ = has(fuzzy_.entries);
  }
  bool feed(std::string_view text) override {
    has_exact_ = has_exact_ && exact_.feed(text);
    has_fuzzy_ = has_fuzzy_ && fuzzy_.feed(text);
    return has_exact_ || has_fuzzy_;
  }
  bool finish() override {
    has_exact_ = has_exact_ && exact_.finish();
    has_fuzzy_ = has_fuzzy_ && fuzzy_.finish();
    return has_exact_ || has_fuzzy_;
  }

 private:
  static bool has(const auto& needles) noexcept {
    return std::any_of(needles.begin(), needles.end(), [](const auto& needle) { return needle.wanted; });
  }
  NeedleScan& exact_;
  FuzzyScan& fuzzy_;
  bool has_exact_ = false;
  bool has_fuzzy_ = false;
};

}  // namespace postfach::store
