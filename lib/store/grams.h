// Runs of three octets of folded text: what the full-text index knows of a message. A text that is searched for can
// only be in a message that has all of its runs; whether it is there must still be looked up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search_needles.h"

namespace postfach::store {

// The distinct runs of any number of texts.
class GramSet final : public FoldedText {
 public:
  // A message with more of them is no text that anybody wrote: it is not worth its place in the index.
  static constexpr std::size_t kMost = 100'000;

  GramSet();
  void clear();
  // Those of a text that is folded already.
  void add_folded(std::string_view text);
  // False: there are more than kMost.
  bool is_whole() const noexcept { return grams_.size() <= kMost; }
  // As words of five letters, each with a space behind it.
  void append_words(std::string& out) const;

 private:
  bool read(bool last) override;

  std::vector<std::uint64_t> seen_;   // a bit for each possible run: 2 MiB
  std::vector<std::uint32_t> grams_;  // those whose bit is set
};

// The words that a message must have if folded text is in it: some of them where there are many, because each costs a
// look-up. Nothing if the text is too short to have a run.
std::optional<std::string> words_of(std::string_view folded);

}  // namespace postfach::store
