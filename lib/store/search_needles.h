// The texts that one search looks for, and the stream of text they are looked for in.
//
// Needle and text are compared in the form that the comparator folds them to, so that no comparison knows about case:
// base::fold for i;unicode-casemap, small letters for i;ascii-casemap, as they are for i;octet. Matching is
// linear: each octet of a text is folded at most once and seen at most twice by each needle. Long runs of ASCII are
// searched as they are, without regard to case: they are most of all mail, and nothing of them is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/find_text.h"
#include "postfach/search.h"

namespace postfach::store {

// Where the texts of a message go, one after the other.
class TextSink {
 public:
  virtual ~TextSink() = default;
  // Begins a new text; no match spans two texts.
  virtual void begin() = 0;
  // UTF-8, cut anywhere. False: nothing is left to be found.
  virtual bool feed(std::string_view text) = 0;
  virtual bool finish() = 0;
};

// What the octets of a header tell about a needle before anything of them is decoded or folded. In ASCII without encoded
// words neither unfolding nor collapsing white space joins or cuts a run of other octets, so that a needle without white
// space is there if and only if it is in the octets as they are.
class Glimpse {
 public:
  Glimpse() = default;
  Glimpse(std::string_view folded, Comparator comparator);

  // Whether the octets say all: ASCII without encoded words.
  static bool is_plain(std::string_view octets) noexcept;

  enum class Sight : std::uint8_t { absent, present, unclear };
  // Of octets that are plain.
  Sight look(std::string_view octets, std::size_t readable = 0) const;  // readable: see TextFinder
  // The same where a backslash was put before each quote and backslash: that parts nothing but those.
  Sight look_at_quoted(std::string_view octets, std::size_t readable) const {
    return has_quoting_ ? Sight::unclear : look(octets, readable);
  }

 private:
  // The longest part of the needle without white space and colons; the space behind those may vary.
  std::string run_;
  base::TextFinder finder_;
  bool is_whole_ = false;
  bool has_quoting_ = false;
  bool has_case_ = false;
};

struct Needle {
  Needle(std::string folded, Comparator comparator)
      : text(std::move(folded)), glimpse(text, comparator), finder(text) {}

  std::string text;  // folded
  Glimpse glimpse;
  base::TextFinder finder;
  bool wanted = false;  // looked for in the text at hand
  bool found = false;
};

// A text that comes in pieces, folded for whoever reads it. Reused from text to text, so that its memory is.
class FoldedText : public TextSink {
 public:
  Comparator comparator = Comparator::unicode_casemap;

  void begin() override;
  bool feed(std::string_view text) final;
  bool finish() final;

 protected:
  // What is to be done with the window, of which the first overlap() octets were read before. False: no more.
  virtual bool read(bool last) = 0;
  // Whether read_plain() is for a text of this size.
  virtual bool reads_plain(std::size_t) const noexcept { return false; }
  // The same for the window and behind it octets that folding does not change but for their case. False: no more.
  virtual bool read_plain(std::string_view) { return true; }

  std::string_view window() const noexcept { return window_; }  // folded
  std::size_t overlap() const noexcept { return overlap_; }
  void append_plain(std::string_view text);  // to the window
  // All is read; so many octets at the end are to be seen again.
  void keep(std::size_t octets);

 private:
  bool feed_plain(std::string_view text);

  std::string unfolded_;  // the end of what was fed, which later text might combine with: no octet of it is ASCII
  std::string window_;
  std::size_t overlap_ = 0;
};

// All of the needles at once; only an overlap as long as the longest of them is kept.
class NeedleScan final : public FoldedText {
 public:
  std::vector<Needle> needles;

  // Looks for all that is wanted and not yet found.
  void begin() override;

 private:
  bool read(bool last) override;
  bool reads_plain(std::size_t size) const noexcept override;
  bool read_plain(std::string_view text) override;

  std::size_t longest_ = 0;
};

// Folds text that is not cut within a character or its combining marks, and appends it.
void append_folded(std::string& out, std::string_view text, Comparator comparator = Comparator::unicode_casemap);
std::string folded(std::string_view text, Comparator comparator);
// Whether needle, which is folded, is in folded text.
bool contains_folded(std::string_view text, std::string_view needle) noexcept;

}  // namespace postfach::store
