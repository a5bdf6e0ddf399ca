// Message identifiers (RFC 5322 §3.6.4) as threading compares them (RFC 5256 §3 REFERENCES): quoting, comments and
// folding undone, case kept. What is kept of each is a number of 64 bits made of that form: a message is threaded by
// thousands of comparisons, and among a million identifiers two have one number with a chance of 1 to 30 million.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::message {

// Takes valid identifiers, "<left@right>", off a field's value, one after the other; what is between them is skipped.
class MessageIdReader {
 public:
  explicit MessageIdReader(std::string_view value) noexcept : text_(value) {}
  // Without the angle brackets; valid until the next call, or the reader goes. Nothing at the end. Linear over all calls.
  std::optional<std::string_view> next() &;

 private:
  std::optional<std::string_view> take_plain() noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  std::string id_;
  bool no_quote_ = false;  // what opens from here on never closes
  bool no_comment_ = false;
};

// References beyond that many are dropped from the middle: RFC 5537 §3.4.4 asks of whoever trims to keep the first one
// and the last ones, which are those that threads hang by. Clients write some twenty.
inline constexpr std::size_t kFirstReferences = 16;
inline constexpr std::size_t kLastReferences = 112;

// How a message is related to others.
struct ThreadReferences {
  std::uint64_t id = 0;                        // of the message itself; 0: it has no valid identifier
  std::vector<std::uint64_t> references = {};  // the oldest first

  bool operator==(const ThreadReferences&) const = default;
};

// RFC 5256 §3: of References:, or if that has none the first identifier in In-Reply-To:. The values are folded as they
// stand in the header.
ThreadReferences thread_references(std::optional<std::string_view> message_id,
                                   std::optional<std::string_view> in_reply_to,
                                   std::optional<std::string_view> references);
// The same from a header block.
ThreadReferences thread_references(std::string_view header);

// The stored form: 8 octets for the message, then 8 for each reference.
std::string pack(const ThreadReferences& references);
// Into an object that is used again and again. Octets that are no such form are as much of one as they go.
void unpack(std::string_view packed, ThreadReferences& references);

}  // namespace postfach::message
