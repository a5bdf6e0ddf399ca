// The texts that one search looks for, and the stream of text they are looked for in.
//
// Needle and text are compared in the form that the comparator folds them to, so that no comparison knows about case:
// base::fold for i;unicode-casemap, small letters for i;ascii-casemap, as they are for i;octet. Matching is
// linear: each octet of a text is folded once and seen at most twice by each needle.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

struct Needle {
  std::string text;     // folded
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

  std::string_view window() const noexcept { return window_; }  // folded
  std::size_t overlap() const noexcept { return overlap_; }
  // All is read; so many octets at the end are to be seen again.
  void keep(std::size_t octets);

 private:
  std::string unfolded_;  // the end of what was fed, which later text might combine with
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

  std::size_t longest_ = 0;
};

// Folds text that is not cut within a character or its combining marks, and appends it.
void append_folded(std::string& out, std::string_view text, Comparator comparator = Comparator::unicode_casemap);
std::string folded(std::string_view text, Comparator comparator);
// Whether needle, which is folded, is in folded text.
bool contains_folded(std::string_view text, std::string_view needle) noexcept;

}  // namespace postfach::store
