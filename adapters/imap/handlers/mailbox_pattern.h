// The patterns of LIST, LSUB and XLIST (RFC 9051 §6.3.9): '*' stands for any run of octets, '%' for a run without '/'.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::imap {

// Whether a canonical name is INBOX or lies below it.
inline bool is_in_inbox(std::string_view name) noexcept {
  return name.starts_with("INBOX") && (name.size() == 5 || name[5] == '/');
}

// The common forms, a name with no wildcard but one at its end, cost a comparison. Any other costs each name
// O(octets of the name * octets of the pattern / 64), whatever it is: all positions in the pattern that the name's
// beginning can have reached are kept as a set of bits, so nothing is ever tried twice.
class MailboxPattern {
 public:
  // UTF-8; the reference and the name of the command in one.
  explicit MailboxPattern(std::string_view pattern);

  // Of a canonical name. The first level "INBOX" matches in any case (RFC 3501 §6.3.8). No allocation.
  bool matches(std::string_view name) const;
  // Whether the pattern has a '%': LSUB then answers with parents of subscribed names (RFC 3501 §6.3.9).
  bool has_percent() const noexcept { return has_percent_; }
  // False: it has more octets than any name, or none.
  bool can_match() const noexcept { return can_match_; }
  // "INBOX" in the letters of the pattern, if it begins so: what is returned has the form of the reference
  // (RFC 9051 §6.3.9). Else "INBOX".
  std::string_view inbox() const noexcept { return {inbox_.data(), inbox_.size()}; }
  // What all names begin with that can match, in the form in which names are kept; empty if nothing can be said.
  std::string prefix() const;
  // Words of bits; 0 for the common forms.
  std::size_t words() const noexcept { return words_; }

 private:
  using Bits = std::vector<std::uint64_t>;
  enum class Tail : std::uint8_t { none, star, percent, other };

  void compile(std::string_view tail);
  bool begins(std::string_view name, bool in_inbox) const noexcept;
  bool tail_matches(std::string_view name, std::size_t from, bool in_inbox) const;

  std::string head_;  // the octets before the first wildcard
  Tail tail_ = Tail::none;
  bool has_percent_;
  bool can_match_ = false;
  std::array<char, 5> inbox_{'I', 'N', 'B', 'O', 'X'};

  // Of the tail, if it is another one. Positions: 0 is before the first, length_ behind the last element.
  std::size_t length_ = 0;
  std::size_t words_ = 0;
  std::size_t shortest_ = 0;                // octets of the shortest name that can match
  std::array<std::uint16_t, 256> index_{};  // octet -> its set in literals_; 0: the octet is not in the pattern
  std::vector<Bits> literals_;              // positions before that octet
  Bits stars_;                              // positions before a '*'
  Bits percents_;                           // positions before a '%'
};

// Those of one command: a name matches if one of them does.
class MailboxPatterns {
 public:
  // Each is tried on each name. A client that asks for many names asks for all of them.
  static constexpr std::size_t kMostPatterns = 1000;
  // Of all patterns with wildcards in their midst: 4096 octets, which bounds what the longest name costs.
  static constexpr std::size_t kMostWords = 64;

  // False: too many. One that can't match anything is left out.
  bool add(std::string_view reference, std::string_view pattern);

  // The first one that matches, or null.
  const MailboxPattern* match(std::string_view name) const;
  bool has_percent() const noexcept;
  // What all names begin with that can match, and so all names below them; empty if nothing can be said.
  std::string prefix() const;
  // What match() costs for a name of so many octets, in comparisons or steps of 64 bits.
  std::size_t cost(std::size_t name_octets) const noexcept { return 1 + patterns_.size() + words_ * name_octets; }

 private:
  std::vector<MailboxPattern> patterns_;
  std::size_t words_ = 0;
};

}  // namespace postfach::imap
