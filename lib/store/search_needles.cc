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

// The octets at the front of text, none of them ASCII, that are folded before the rest is known.
std::size_t foldable_size(std::string_view text) noexcept {
  if (text.size() <= kLongestRun) return 0;
  const std::size_t stop = text.size() - kLongestRun;
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
  base::append_fold(out, text);
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
  if (comparator != Comparator::unicode_casemap) return feed_plain(text);
  // Runs of ASCII and of the rest in turn: folding one by one gives the same, since ASCII ends a run of marks and is
  // never changed by what follows.
  while (!text.empty()) {
    const std::size_t ascii_size = base::ascii_prefix(text);
    if (ascii_size > 0) {
      // ASCII combines with nothing before it. Its last octet might get a combining mark, but never changes itself.
      append_folded(window_, unfolded_);
      unfolded_.clear();
      if (!feed_plain(text.substr(0, ascii_size))) return false;
      text.remove_prefix(ascii_size);
    }
    const auto next = std::find_if(text.begin(), text.end(), is_ascii_octet);
    const auto size = static_cast<std::size_t>(next - text.begin());
    unfolded_.append(text.substr(0, size));
    text.remove_prefix(size);
  }
  const std::size_t size = foldable_size(unfolded_);
  append_folded(window_, std::string_view(unfolded_).substr(0, size));
  unfolded_.erase(0, size);
  return read(false);
}

bool FoldedText::feed_plain(std::string_view text) {
  if (reads_plain(text.size())) return read_plain(text);
  append_plain(text);
  return read(false);
}

void FoldedText::append_plain(std::string_view text) {
  if (comparator == Comparator::octet) {
    window_.append(text);
  } else {
    append_lower(window_, text);
  }
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

bool NeedleScan::reads_plain(std::size_t size) const noexcept {
  // What is folded at both ends of a text, for the needles that reach beyond it, is the smaller part of it.
  constexpr std::size_t kLeast = 256;
  return comparator != Comparator::octet && size >= std::max(kLeast, 4 * longest_);
}

bool NeedleScan::read_plain(std::string_view text) {
  const std::size_t reach = longest_ > 0 ? longest_ - 1 : 0;
  append_plain(text.substr(0, reach));
  bool all_found = true;
  for (Needle& needle : needles) {
    if (!needle.wanted || needle.found) continue;
    needle.found = contains_folded(window(), needle.text) || needle.finder.is_in(text);
    all_found = all_found && needle.found;
  }
  keep(0);
  append_plain(text.substr(text.size() - reach));
  keep(reach);
  return !all_found;
}

Glimpse::Glimpse(std::string_view folded, Comparator comparator) : has_case_(comparator == Comparator::octet) {
  const auto is_break = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':'; };
  for (std::size_t at = 0; at < folded.size(); ++at) {
    std::size_t end = at;
    while (end < folded.size() && !is_break(folded[end])) ++end;
    if (end - at > run_.size()) run_ = folded.substr(at, end - at);
    at = end;
  }
  is_whole_ = run_.size() == folded.size();
  has_quoting_ = run_.find_first_of("\"\\") != std::string::npos;
  finder_ = base::TextFinder(run_);
}

bool Glimpse::is_plain(std::string_view octets) noexcept {
  constexpr base::OctetPair kEncodedWord{.first = '=', .first_too = '=', .second = '?', .second_too = '?'};
  if (!base::is_ascii(octets)) return false;
  const std::size_t equals = octets.find('=');  // few have one
  return equals == std::string_view::npos || base::find_pair(octets, kEncodedWord, equals) == std::string_view::npos;
}

Glimpse::Sight Glimpse::look(std::string_view octets, std::size_t readable) const {
  const bool is_there = has_case_ ? contains_folded(octets, run_) : finder_.is_in(octets, readable);
  if (!is_there) return Sight::absent;
  return is_whole_ ? Sight::present : Sight::unclear;
}

}  // namespace postfach::store
