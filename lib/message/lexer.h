// The cursor under every structured header field (RFC 5322 §3.2): white space, comments, quoted strings.
//
// Never reads past its text and never looks at an octet more than a constant number of times: an unclosed comment or
// quoted string is searched for its end once, and then every later opener counts as unclosed too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postfach::message {

constexpr bool is_white(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) noexcept : text_(text) {}

  bool done() const noexcept { return at_ >= text_.size(); }
  // NUL at the end of the text; check done() where a NUL octet matters.
  char peek() const noexcept { return done() ? '\0' : text_[at_]; }
  void advance() noexcept {
    if (!done()) ++at_;
  }
  bool accept(char c) noexcept {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // True if there was any.
  bool skip_white() noexcept;
  // White space and closed comments.
  bool skip_cfws();
  // All before the next `c`, or the rest.
  void skip_to(char c) noexcept;

  // At a "(": the text between the parentheses without its quoting, nested parentheses kept. If the comment never
  // closes, false, and nothing is taken. Line ends within are dropped.
  bool comment(std::string* out);
  // At a '"': likewise.
  bool quoted_string(std::string& out);
  // At a '"' that may never close: then everything up to the end counts.
  void quoted_string_or_rest(std::string& out);

  template <class Predicate>
  std::string_view take_while(Predicate wanted) noexcept {
    const std::size_t start = at_;
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool unclosed_comment_ = false;
  bool unclosed_quote_ = false;
};

}  // namespace postfach::message
