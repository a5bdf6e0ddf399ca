#include "mailbox_pattern.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace postfach::imap {
namespace {

// Adjacent wildcards are one: a '*' if there is a '*' among them, else a '%'.
std::string join_wildcards(std::string_view pattern) {
  std::string result;
  for (const char c : pattern) {
    const bool after_wildcard = !result.empty() && (result.back() == '*' || result.back() == '%');
    if (after_wildcard && c == '*') {
      result.back() = '*';
    } else if (!after_wildcard || c != '%') {
      result += c;
    }
  }
  return result;
}

void set_bit(std::vector<std::uint64_t>& bits, std::size_t at) { bits[at / 64] |= std::uint64_t{1} << (at % 64); }

}  // namespace

MailboxPattern::MailboxPattern(std::string_view text) : has_percent_(text.find('%') != std::string_view::npos) {
  const std::string pattern = join_wildcards(text);
  length_ = pattern.size();
  const std::size_t words = length_ / 64 + 1;
  stars_.resize(words);
  percents_.resize(words);
  literals_.emplace_back(words);
  for (std::size_t i = 0; i < length_; ++i) {
    if (pattern[i] == '*') {
      set_bit(stars_, i);
    } else if (pattern[i] == '%') {
      set_bit(percents_, i);
    } else {
      std::uint16_t& index = index_[static_cast<unsigned char>(pattern[i])];
      if (index == 0) {
        index = static_cast<std::uint16_t>(literals_.size());
        literals_.emplace_back(words);
      }
      set_bit(literals_[index], i);
      ++shortest_;
    }
  }
}

bool MailboxPattern::matches(std::string_view name) const {
  if (name.size() < shortest_) return false;
  const std::size_t words = stars_.size();
  const bool inbox = name.starts_with("INBOX") && (name.size() == 5 || name[5] == '/');

  // A wildcard may stand for nothing: from the position before it to the one behind it. No two are adjacent.
  const auto skip_wildcards = [&](Bits& reached) {
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t before = reached[w] & (stars_[w] | percents_[w]);
      reached[w] |= (before << 1) | carry;
      carry = before >> 63;
    }
  };

  Bits reached(words);
  reached[0] = 1;
  skip_wildcards(reached);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto octet = static_cast<unsigned char>(name[i]);
    const Bits& literal = literals_[index_[octet]];
    const Bits& other_case =
        inbox && i < 5 ? literals_[index_[static_cast<unsigned char>(base::to_lower(name[i]))]] : literal;
    std::uint64_t carry = 0;
    std::uint64_t any = 0;
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t stays = reached[w] & (name[i] == '/' ? stars_[w] : stars_[w] | percents_[w]);
      const std::uint64_t moves = reached[w] & (literal[w] | other_case[w]);
      reached[w] = stays | (moves << 1) | carry;
      carry = moves >> 63;
      any |= reached[w];
    }
    if (any == 0) return false;
    skip_wildcards(reached);
  }
  return (reached[length_ / 64] >> (length_ % 64) & 1) != 0;
}

}  // namespace postfach::imap
