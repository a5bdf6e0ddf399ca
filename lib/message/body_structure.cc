#include "body_structure.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace postfach::message {
namespace {

// Copies the items of one body structure and leaves out the extension data. Depth is a vector, not the call stack.
class Trimmer {
 public:
  explicit Trimmer(std::string_view in) noexcept : in_(in) { out_.reserve(in.size()); }

  std::string run() {
    enum class Container { multipart, message };
    std::vector<Container> open;
    for (;;) {
      if (!accept('(')) break;
      out_.push_back('(');
      if (peek() == '(') {
        open.push_back(Container::multipart);
        continue;
      }
      const bool is_message = copy_leaf();
      if (is_message) {
        out_.push_back(' ');
        open.push_back(Container::message);
        continue;
      }
      close();
      // Whatever this part was the last of ends as well.
      while (!open.empty() && !(open.back() == Container::multipart && peek() == '(')) {
        copy_item();  // the multipart's subtype, the message's lines
        close();
        open.pop_back();
      }
      if (open.empty()) break;
    }
    return std::move(out_);
  }

 private:
  char peek() const noexcept { return at_ < in_.size() ? in_[at_] : '\0'; }
  bool accept(char c) noexcept {
    if (peek() == ' ') ++at_;
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  // Fields that every part has (RFC 9051 §9 body-fields), then those of its type, but not the body of a message: true
  // if that comes next.
  bool copy_leaf() {
    const std::string_view type = copy_item(false);
    const std::string_view subtype = copy_item();
    for (int i = 0; i < 5; ++i) copy_item();
    if (base::equals_ignoring_case(type, "\"text\"")) copy_item();
    const bool is_message =
        base::equals_ignoring_case(type, "\"message\"") &&
        (base::equals_ignoring_case(subtype, "\"rfc822\"") || base::equals_ignoring_case(subtype, "\"global\""));
    if (is_message) copy_item();  // the envelope
    return is_message;
  }

  std::string_view copy_item(bool space = true) {
    const std::string_view item = take_item();
    if (space) out_.push_back(' ');
    out_.append(item);
    return item;
  }

  // Leaves out what follows up to the ")" of this level.
  void close() {
    while (at_ < in_.size() && !accept(')')) take_item();
    out_.push_back(')');
  }

  // A string, a literal, a number, NIL or a list of those, without the space before it.
  std::string_view take_item() {
    if (peek() == ' ') ++at_;
    const std::size_t start = at_;
    std::size_t depth = 0;
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '"') {
        skip_quoted();
      } else if (c == '{') {
        skip_literal();
      } else if (c == '(') {
        ++depth;
        ++at_;
        continue;
      } else if (c == ')') {
        if (depth == 0) break;
        --depth;
        ++at_;
      } else if (c == ' ') {
        ++at_;
        continue;
      } else {
        while (at_ < in_.size() && in_[at_] != ' ' && in_[at_] != '(' && in_[at_] != ')') ++at_;
      }
      if (depth == 0) break;
    }
    return in_.substr(start, at_ - start);
  }

  void skip_quoted() noexcept {
    for (++at_; at_ < in_.size() && in_[at_] != '"'; ++at_) {
      if (in_[at_] == '\\') ++at_;
    }
    at_ = std::min(at_ + 1, in_.size());
  }

  void skip_literal() noexcept {
    const std::size_t brace = in_.find('}', at_);
    const auto size = base::parse_number(in_.substr(at_ + 1, brace == std::string_view::npos ? 0 : brace - at_ - 1));
    if (brace == std::string_view::npos || !size || *size > in_.size()) {
      at_ = in_.size();
      return;
    }
    at_ = std::min(brace + 3 + static_cast<std::size_t>(*size), in_.size());
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string body_from_body_structure(std::string_view body_structure) { return Trimmer(body_structure).run(); }

}  // namespace postfach::message
