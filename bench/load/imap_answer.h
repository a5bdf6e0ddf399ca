// Finds in what an IMAP server sends only what a case needs to know: tagged answers, literals, counts. Pure: no socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

// One tag serves all commands: a connection's answers come in the order of its commands.
inline constexpr std::string_view kTag = "a ";

struct Answer {
  // Untagged data before the tagged answer.
  std::uint64_t fetches = 0;
  std::uint64_t literal_octets = 0;
  std::uint64_t found = 0;       // numbers of SEARCH
  std::uint64_t listed = 0;      // mailboxes of LIST
  std::uint32_t exists = 0;      // the last EXISTS
  std::uint32_t messages = 0;    // of STATUS
  std::string text = {};         // the tagged answer, without the tag
  bool is_continuation = false;  // "+" came instead

  bool is_ok() const noexcept { return is_continuation || text.starts_with("OK"); }
};

class AnswerScanner {
 public:
  // Where to stop before the tagged answer.
  enum class Until : unsigned char { tagged, exists };

  // Takes what it can of the octets; tells how many. Look at done() then.
  std::size_t scan(std::string_view octets, Until until = Until::tagged);
  bool done() const noexcept { return done_; }
  const Answer& answer() const noexcept { return answer_; }
  // For the next answer.
  void reset();

 private:
  void take_line(std::string_view line, Until until);
  void take_untagged(std::string_view line, Until until);

  Answer answer_;
  std::uint64_t literal_ = 0;  // octets of it that are still to come
  bool inside_ = false;        // of an answer that goes on behind a literal
  bool done_ = false;
};

}  // namespace load
