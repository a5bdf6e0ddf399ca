// Leaves Return-Path fields out of a message that streams by: only who delivers it may say what stood in the envelope
// (RFC 5321 §4.4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postfach::store {

class ReturnPathFilter {
 public:
  // Appends what is left of the header to out, and returns the octets behind the header, which stay as they are.
  std::string_view feed(std::string_view octets, std::string& out);
  // The message ends: appends what was held back.
  void finish(std::string& out);

 private:
  enum class State : std::uint8_t { line_begins, keeping, dropping, body };
  // Takes the next octet of a line of which it is not yet known what it is.
  void look_at(char c, std::string& out);
  void decide(State state, std::string& out);

  State state_ = State::line_begins;
  State field_ = State::keeping;  // of the field that the last line belongs to
  std::string held_;              // the beginning of a line that may be a Return-Path field, or the end of the header
};

}  // namespace postfach::store
