#include "search_needles.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::store {
namespace {

bool is_ascii_octet(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }

// A run of nothing but combining marks could be kept back for ever: beyond this, marks on either side of a cut are no
// longer sorted into one order.
constexpr std::size_t kLongestRun = 4096;

// The octets at the front of text that can be folded before the rest is known. ASCII combines with nothing before it.
std::size_t foldable_size(std::string_view text) noexcept {
  const std::size_t stop = text.size() > kLongestRun ? text.size() - kLongestRun : 0;
  for (std::size_t at = text.size(); at > stop; --at) {
    if (is_ascii_octet(text[at - 1])) return at - 1;
  }
  for (std::size_t at = text.size(); at > stop; --at) {
    if (!base::is_continuation(text[at - 1])) return at - 1;
  }
  return stop;
}

void append_lower(std::string& out, std::string_view ascii) {
  const std::size_t start = out.size();
  out.append(ascii);
  char* const octets = out.data() + start;
  std::size_t i = 0;
  // Blocks of a fixed size are what compilers turn into vector instructions at -O2.
  constexpr std::size_t kBlock = 32;
  for (; i + kBlock <= ascii.size(); i += kBlock) {
    for (std::size_t j = 0; j < kBlock; ++j) octets[i + j] = base::to_lower(octets[i + j]);
  }
  for (; i < ascii.size(); ++i) octets[i] = base::to_lower(octets[i]);
}

}  // namespace

void append_folded(std::string& out, std::string_view text, Comparator comparator) {
  if (comparator == Comparator::octet) {
    out.append(text);
    return;
  }
  // Octets of other characters have no case.
  if (comparator == Comparator::ascii_casemap || base::is_ascii(text)) return append_lower(out, text);
  // Runs of ASCII and of the rest in turn: folding one by one gives the same, since ASCII ends a run of marks and is
  // never changed by what follows.
  while (!text.empty()) {
    const auto foreign = std::find_if_not(text.begin(), text.end(), is_ascii_octet);
    const auto next = std::find_if(foreign, text.end(), is_ascii_octet);
    const auto ascii_size = static_cast<std::size_t>(foreign - text.begin());
    const auto foreign_size = static_cast<std::size_t>(next - foreign);
    append_lower(out, text.substr(0, ascii_size));
    if (foreign_size > 0) out.append(base::fold(text.substr(ascii_size, foreign_size)));
    text.remove_prefix(ascii_size + foreign_size);
  }
}

std::string folded(std::string_view text, Comparator comparator) {
  std::string out;
  append_folded(out, text, comparator);
  return out;
}

bool contains_folded(std::string_view text, std::string_view needle) noexcept {
  if (needle.empty()) return true;
  if (needle.size() > text.size()) return false;
  // Unlike std::search and string_view::find this is linear in the worst case.
  return ::memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

void FoldedText::begin() {
  unfolded_.clear();
  window_.clear();
  overlap_ = 0;
}

bool FoldedText::feed(std::string_view text) {
  const bool is_simple = comparator != Comparator::unicode_casemap || base::is_ascii(text);
  if (unfolded_.empty() && is_simple) {
    // Its last octet might get a combining mark, but never changes itself.
    append_folded(window_, text, comparator);
    return read(false);
  }
  unfolded_.append(text);
  const std::size_t size = foldable_size(unfolded_);
  append_folded(window_, std::string_view(unfolded_).substr(0, size));
  unfolded_.erase(0, size);
  return read(false);
}

bool FoldedText::finish() {
  append_folded(window_, unfolded_);
  unfolded_.clear();
  return read(true);
}

void FoldedText::keep(std::size_t octets) {
  overlap_ = std::min(window_.size(), octets);
  window_.erase(0, window_.size() - overlap_);
}

void NeedleScan::begin() {
  FoldedText::begin();
  longest_ = 0;
  for (const Needle& needle : needles) {
    if (needle.wanted && !needle.found) longest_ = std::max(longest_, needle.text.size());
  }
}

bool NeedleScan::read(bool last) {
  // Small pieces are gathered until the overlap is no more than half of what is searched.
  if (!last && window().size() - overlap() < std::max<std::size_t>(longest_, 4096)) return true;
  bool all_found = true;
  for (Needle& needle : needles) {
    if (!needle.wanted || needle.found) continue;
    needle.found = contains_folded(window(), needle.text);
    all_found = all_found && needle.found;
  }
  keep(longest_ > 0 ? longest_ - 1 : 0);
  return !all_found;
}

}  // namespace postfach::store
