// Splits a stream of octets into lines, for protocols like POP3.
//
// Invariants: it holds at most one unfinished line, of at most max_line octets and its CR; a line that comes in one
// piece is not copied; between lines it holds no memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postfach::protocol {

class LineFramer {
 public:
  // max_line does not count the end of the line.
  explicit LineFramer(std::size_t max_line) noexcept : max_line_(max_line) {}
  ~LineFramer();
  LineFramer(const LineFramer&) = delete;
  LineFramer& operator=(const LineFramer&) = delete;

  enum class Status : unsigned char {
    incomplete,  // all octets are taken; the line goes on
    line,        // `line` is complete
    too_long,    // told once; what is left of the line will be skipped
  };
  struct Piece {
    Status status;
    std::size_t taken;
    std::string_view line;  // without its end; valid until the next call and while the octets are
  };

  // Takes octets up to the end of the first line. CRLF or a bare LF ends a line; a bare CR does not.
  Piece next(std::string_view octets);

 private:
  void forget() noexcept;

  std::size_t max_line_;
  std::string unfinished_;
  bool finished_ = false;  // unfinished_ was given out as a line
  bool skipping_ = false;
};

}  // namespace postfach::protocol
