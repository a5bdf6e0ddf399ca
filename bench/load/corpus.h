// Messages as people have them, made from a seed: the same on every machine, so that both servers get the same.
//
// Sizes are log-normal with a median of 8 KB, up to 2 MB. There are plain texts, alternatives with HTML, attachments in
// base64, encoded words, threads, mailing lists. All lines end with CRLF and none begins with a dot, so that neither
// LMTP nor POP3 changes them. Some words are rare, and it is known how many messages have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace load {

// What a search is made for. Nowhere else than where it says.
enum class Mark : unsigned char {
  subject,     // a word of the subject
  from,        // a person
  list,        // a mailing list: the header field List-Id
  body,        // a word of the text
  short_body,  // two letters of the text, which no index of words or of three letters can help with
};

class Corpus {
 public:
  enum class Kind : unsigned char {
    mixed,
    small,  // some 700 octets each: for mailboxes of which the number of messages matters
  };

  explicit Corpus(std::uint64_t seed, Kind kind = Kind::mixed) : seed_(seed), kind_(kind) {}

  // Makes the first so many messages, unless they are there: before the clock runs.
  void prepare(std::size_t count);
  // One that was made.
  const std::string& message(std::size_t index) const { return messages_[index]; }
  std::size_t size() const noexcept { return messages_.size(); }
  // All octets of the first so many messages.
  std::uint64_t octets(std::size_t count) const;

  static std::string_view text_of(Mark mark);
  // How many of the first so many messages of a mixed corpus have it.
  static std::size_t count(Mark mark, std::size_t messages);

 private:
  std::uint64_t seed_;
  Kind kind_;
  std::deque<std::string> messages_;
};

}  // namespace load
