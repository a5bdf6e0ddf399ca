// What SORT and THREAD found (RFC 5256 §4), piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "imap/command/partial_range.h"
#include "postfach/thread.h"

namespace postfach::imap {

// "* SORT", to be followed by " 2", " 84" and CRLF.
void begin_sort(std::string& out);
// " PARTIAL (1:10 ", to be followed by a set or NIL, and ")" (RFC 5267 §4.4).
void begin_partial(std::string& out, const PartialRange& range);

// "* THREAD (2)(3 6 (4 23)(44 7 96))"
class ThreadWriter {
 public:
  // Parentheses within parentheses. Clients read them by recursion, and strangers decide how deep a thread is: what is
  // below is written as one row of replies, in the order of the thread.
  static constexpr std::size_t kDeepest = 100;

  explicit ThreadWriter(std::vector<ThreadNode> nodes) noexcept : nodes_(std::move(nodes)) {}

  // Goes on until out has about soft_limit octets; false: there is more. number says how a message is told.
  template <class Number>
  bool write(std::string& out, std::size_t soft_limit, Number&& number) {
    if (!begun_) begin(out);
    while (at_ < nodes_.size()) {
      if (out.size() >= soft_limit) return false;
      const ThreadNode& node = nodes_[at_];
      open(out);
      if (node.uid != 0) append(out, number(node.uid));
      pass(out);
    }
    end(out);
    return true;
  }

 private:
  void begin(std::string& out);
  void open(std::string& out);
  static void append(std::string& out, std::uint32_t number);
  void pass(std::string& out);
  void end(std::string& out);

  std::vector<ThreadNode> nodes_;
  std::size_t at_ = 0;             // the next one
  std::vector<std::size_t> ends_;  // where the open parentheses close
  std::size_t row_end_ = 0;        // up to here there are no more parentheses
  bool follows_ = false;           // the next one is the only child of the one before
  bool begun_ = false;
};

}  // namespace postfach::imap
