#include "mailbox_pattern.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::imap {
namespace {

// Of a mailbox name (postfach/account.h).
constexpr std::size_t kMostNameOctets = 1000;
// A pattern of octets that a name can have, and a wildcard before and behind each.
constexpr std::size_t kMostPatternWords = (2 * kMostNameOctets + 1) / 64 + 1;

bool is_wildcard(char c) noexcept { return c == '*' || c == '%'; }

// Adjacent wildcards are one: a '*' if there is a '*' among them, else a '%'.
std::string join_wildcards(std::string_view pattern) {
  std::string result;
  for (const char c : pattern) {
    const bool after_wildcard = !result.empty() && is_wildcard(result.back());
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
  const auto octets =
      pattern.size() - static_cast<std::size_t>(std::count_if(pattern.begin(), pattern.end(), is_wildcard));
  can_match_ = !pattern.empty() && octets <= kMostNameOctets;
  if (!can_match_) return;
  const std::size_t wildcard = std::min(pattern.find_first_of("*%"), pattern.size());
  head_ = pattern.substr(0, wildcard);
  if (base::starts_with_ignoring_case(head_, "INBOX")) std::copy_n(head_.begin(), inbox_.size(), inbox_.begin());
  const std::string_view tail = std::string_view(pattern).substr(wildcard);
  if (tail.empty()) return;
  tail_ = tail == "*" ? Tail::star : tail == "%" ? Tail::percent : Tail::other;
  if (tail_ == Tail::other) compile(tail);
}

void MailboxPattern::compile(std::string_view tail) {
  length_ = tail.size();
  words_ = length_ / 64 + 1;
  stars_.resize(words_);
  percents_.resize(words_);
  literals_.emplace_back(words_);
  for (std::size_t i = 0; i < length_; ++i) {
    if (tail[i] == '*') {
      set_bit(stars_, i);
    } else if (tail[i] == '%') {
      set_bit(percents_, i);
    } else {
      std::uint16_t& index = index_[static_cast<unsigned char>(tail[i])];
      if (index == 0) {
        index = static_cast<std::uint16_t>(literals_.size());
        literals_.emplace_back(words_);
      }
      set_bit(literals_[index], i);
      ++shortest_;
    }
  }
}

bool MailboxPattern::matches(std::string_view name) const {
  if (!can_match_) return false;
  const bool in_inbox = is_in_inbox(name);
  if (!begins(name, in_inbox)) return false;
  switch (tail_) {
    case Tail::none:
      return name.size() == head_.size();
    case Tail::star:
      return true;
    case Tail::percent:
      return name.find('/', head_.size()) == std::string_view::npos;
    case Tail::other:
      return tail_matches(name, head_.size(), in_inbox);
  }
  return false;
}

std::string MailboxPattern::prefix() const {
  const std::string_view head = head_;
  constexpr std::string_view kInbox = "INBOX";
  if (!base::starts_with_ignoring_case(head.substr(0, kInbox.size()), kInbox.substr(0, head.size()))) return head_;
  // The client's letters may be those of INBOX in another case.
  const bool is_inbox = head.size() == kInbox.size() && tail_ == Tail::none;
  const bool is_below = head.size() > kInbox.size() && head[kInbox.size()] == '/';
  if (is_inbox || is_below) return std::string(kInbox) += head.substr(kInbox.size());
  return head.size() > kInbox.size() ? head_ : std::string();
}

bool MailboxPattern::begins(std::string_view name, bool in_inbox) const noexcept {
  if (name.starts_with(head_)) return true;
  if (!in_inbox || name.size() < head_.size()) return false;
  const std::string_view head = head_;
  return base::starts_with_ignoring_case("INBOX", head.substr(0, 5)) &&
         (head.size() <= 5 || name.substr(5, head.size() - 5) == head.substr(5));
}

bool MailboxPattern::tail_matches(std::string_view name, std::size_t from, bool in_inbox) const {
  if (name.size() - from < shortest_ || name.size() > kMostNameOctets) return false;
  const std::size_t words = words_;
  std::array<std::uint64_t, kMostPatternWords> reached;
  std::fill_n(reached.begin(), words, 0);

  // A wildcard may stand for nothing: from the position before it to the one behind it. No two are adjacent.
  const auto skip_wildcards = [&] {
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t before = reached[w] & (stars_[w] | percents_[w]);
      reached[w] |= (before << 1) | carry;
      carry = before >> 63;
    }
  };

  reached[0] = 1;
  skip_wildcards();
  for (std::size_t i = from; i < name.size(); ++i) {
    const Bits& literal = literals_[index_[static_cast<unsigned char>(name[i])]];
    const Bits& other_case =
        in_inbox && i < 5 ? literals_[index_[static_cast<unsigned char>(base::to_lower(name[i]))]] : literal;
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
    skip_wildcards();
  }
  return (reached[length_ / 64] >> (length_ % 64) & 1) != 0;
}

bool MailboxPatterns::add(std::string_view reference, std::string_view pattern) {
  std::string joined(reference);
  joined += pattern;
  // Names are kept in NFC. A wildcard combines with nothing.
  MailboxPattern compiled(base::is_ascii(joined) ? joined : base::normalize(joined));
  if (!compiled.can_match()) return true;
  words_ += compiled.words();
  if (patterns_.size() == kMostPatterns || words_ > kMostWords) return false;
  patterns_.push_back(std::move(compiled));
  return true;
}

const MailboxPattern* MailboxPatterns::match(std::string_view name) const {
  for (const MailboxPattern& pattern : patterns_) {
    if (pattern.matches(name)) return &pattern;
  }
  return nullptr;
}

std::string MailboxPatterns::prefix() const {
  if (patterns_.empty()) return {};
  std::string common = patterns_.front().prefix();
  for (const MailboxPattern& pattern : patterns_) {
    const std::string other = pattern.prefix();
    const auto end = std::mismatch(common.begin(), common.end(), other.begin(), other.end()).first;
    common.erase(end, common.end());
  }
  return common;
}

bool MailboxPatterns::has_percent() const noexcept {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [](const MailboxPattern& pattern) { return pattern.has_percent(); });
}

}  // namespace postfach::imap
