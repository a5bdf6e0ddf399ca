// What an IMAP server sends, as values: sans-IO.
//
// Invariants: a response is held in memory up to kMostOctets, with one exception: the literal behind BODY[] is handed out
// in pieces as it comes, however large it is. Whatever a server sends, nesting is bounded and parsing is linear.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"

namespace postfach::migrate {

struct ImapValue {
  enum class Kind : std::uint8_t { atom, string, list };
  Kind kind = Kind::atom;
  std::string text = {};  // of an atom or string; a NIL is the atom
  std::vector<ImapValue> items = {};

  bool is_list() const noexcept { return kind == Kind::list; }
  bool is_atom(std::string_view name) const noexcept;  // in any case
};

struct ImapResponse {
  std::string tag;           // "*", "+" or that of a command
  std::string name;          // OK, NO, BAD, BYE, PREAUTH, LIST, FETCH, EXISTS …, in capitals
  std::uint32_t number = 0;  // before EXISTS, FETCH …
  // Behind the name: of a status its text, with the code; of any other the values.
  std::string text;
  std::vector<ImapValue> values;

  bool is_status() const noexcept;
  // The argument of a code: "17" for "[UIDNEXT 17] text"; nothing there: empty.
  std::string_view code(std::string_view name) const noexcept;
};

class ImapReader {
 public:
  static constexpr std::size_t kMostOctets = 1024 * 1024;

  enum class Event : std::uint8_t {
    more,      // all octets are taken
    message,   // octets of a literal behind BODY[]; of a new one if is_first
    response,  // response() is complete
  };
  struct Step {
    Event event = Event::more;
    std::size_t taken = 0;
    std::string_view octets = {};
    bool is_first = false;
  };
  // Errors: invalid_argument: no such response can be.
  Result<Step> next(std::string_view octets);
  const ImapResponse& response() const noexcept { return response_; }

 private:
  Result<bool> end_of_line();
  Result<void> parse();

  std::string line_;                   // literals are left out, "{n}" stands for them
  std::size_t line_start_ = 0;         // in line_: behind the last literal
  std::vector<std::string> literals_;  // in their order; empty where the octets were handed out
  std::size_t held_ = 0;               // octets in both
  std::uint64_t left_ = 0;             // of the literal that is coming
  bool is_message_ = false;            // it is handed out
  bool is_first_ = false;
  bool is_complete_ = false;
  ImapResponse response_;
};

}  // namespace postfach::migrate
