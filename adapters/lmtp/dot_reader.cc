#include "dot_reader.h"

namespace postfach::lmtp {

DotReader::Piece DotReader::after_dot(std::string_view octets) {
  const char c = octets.front();
  if (state_ == State::dot) {
    state_ = c == '\r' ? State::dot_cr : State::text;
    // The octet itself, unless it may belong to the end.
    return {c == '\r' ? std::size_t{1} : std::size_t{0}, {}, false};
  }
  if (c == '\n') {
    state_ = State::line_begins;
    return {1, {}, true};
  }
  state_ = State::cr;
  return {0, "\r", false};
}

DotReader::Piece DotReader::next(std::string_view octets) {
  if (state_ == State::dot || state_ == State::dot_cr) return after_dot(octets);
  std::size_t at = 0;
  while (at < octets.size()) {
    const char c = octets[at];
    if (state_ == State::line_begins && c == '.') {
      state_ = State::dot;
      return {at + 1, octets.substr(0, at), false};
    }
    if (state_ == State::cr && c == '\n') {
      state_ = State::line_begins;
      ++at;
      continue;
    }
    const std::size_t cr = octets.find('\r', at);
    state_ = cr == std::string_view::npos ? State::text : State::cr;
    at = cr == std::string_view::npos ? octets.size() : cr + 1;
  }
  return {octets.size(), octets, false};
}

}  // namespace postfach::lmtp
