// Substrings, many octets at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postfach::base {

// Two octets at a distance from each other, each in one of two forms.
struct OctetPair {
  char first = 0;
  char first_too = 0;
  char second = 0;
  char second_too = 0;
  std::size_t distance = 1;  // from the first to the second
};

// Where the first octet of the first such pair at or behind `from` stands; npos: nowhere. readable: how many octets from
// the beginning of text on may be read; behind a short text some more let it be looked at as a whole.
std::size_t find_pair(std::string_view text, const OctetPair& pair, std::size_t from = 0,
                      std::size_t readable = 0) noexcept;

// A text that is looked for in many others.
class TextFinder {
 public:
  TextFinder() = default;  // an empty text, which is in every other
  // needle: without a capital letter of ASCII.
  explicit TextFinder(std::string_view needle);

  // Whether it is in text without regard to the case of A to Z. Nothing is copied. Linear: where too much begins like
  // the needle, a slower search that does not care takes over.
  bool is_in(std::string_view text, std::size_t readable = 0) const;  // see find_pair()

 private:
  std::string needle_;
  OctetPair pair_;      // of its octets, such as are rare in mail
  std::size_t at_ = 0;  // where in it the first of them stands
};

}  // namespace postfach::base
