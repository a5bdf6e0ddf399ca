// The texts that one search looks for, and the stream of text they are looked for in.
//
// Needle and text are compared in their folded form (base/utf8.h), so that no comparison knows about case. Matching is
// linear: each octet of a text is folded once and seen at most twice by each needle.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::store {

struct Needle {
  std::string text;     // folded
  bool wanted = false;  // looked for in the text at hand
  bool found = false;
};

// All of the needles at once in a text that comes in pieces; only an overlap as long as the longest of them is kept.
// Reused from text to text, so that its memory is.
class NeedleScan {
 public:
  std::vector<Needle> needles;

  // Begins a new text, in which all that is wanted and not yet found is looked for; no match spans two texts.
  void begin();
  // UTF-8, cut anywhere. False: nothing is left to be found.
  bool feed(std::string_view text);
  bool finish();

 private:
  bool search(bool last);

  std::size_t longest_ = 0;
  std::string unfolded_;     // the end of what was fed, which later text might combine with
  std::string window_;       // folded
  std::size_t overlap_ = 0;  // octets of window_ that were searched before
};

// Folds text that is not cut within a character or its combining marks, and appends it.
void append_folded(std::string& out, std::string_view text);
// Whether needle, which is folded, is in folded text.
bool contains_folded(std::string_view text, std::string_view needle) noexcept;

}  // namespace postfach::store
