// The patterns of LIST and LSUB (RFC 9051 §6.3.9): '*' stands for any run of octets, '%' for a run without '/'.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace postfach::imap {

// Each name costs O(octets of the name * octets of the pattern / 64), whatever the pattern is: all positions in the
// pattern that the name's beginning can have reached are kept as a set of bits, so nothing is ever tried twice.
class MailboxPattern {
 public:
  // UTF-8; the reference and the name of the command in one.
  explicit MailboxPattern(std::string_view pattern);

  // The first level "INBOX" matches in any case (RFC 3501 §6.3.8).
  bool matches(std::string_view name) const;
  // Whether the pattern has a '%': LSUB then answers with parents of subscribed names (RFC 3501 §6.3.9).
  bool has_percent() const noexcept { return has_percent_; }

 private:
  using Bits = std::vector<std::uint64_t>;

  std::size_t length_ = 0;                  // positions: 0 is before the first, length_ behind the last element
  std::size_t shortest_ = 0;                // octets of the shortest name that can match
  std::array<std::uint16_t, 256> index_{};  // octet -> its set in literals_; 0: the octet is not in the pattern
  std::vector<Bits> literals_;              // positions before that octet
  Bits stars_;                              // positions before a '*'
  Bits percents_;                           // positions before a '%'
  bool has_percent_ = false;
};

}  // namespace postfach::imap
