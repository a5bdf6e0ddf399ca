#include "lexer.h"

#include <algorithm>

namespace postfach::message {
namespace {

void append_unless_line_end(std::string* out, char c) {
  if (out != nullptr && c != '\r' && c != '\n') out->push_back(c);
}

}  // namespace

bool Lexer::skip_white() noexcept {
  const std::size_t start = at_;
  while (at_ < text_.size() && is_white(text_[at_])) ++at_;
  return at_ != start;
}

bool Lexer::skip_cfws() {
  const std::size_t start = at_;
  do {
    skip_white();
  } while (peek() == '(' && comment(nullptr));
  return at_ != start;
}

void Lexer::skip_to(char c) noexcept { at_ = std::min(text_.find(c, at_), text_.size()); }

bool Lexer::comment(std::string* out) {
  if (unclosed_comment_) return false;
  const std::size_t out_size = out == nullptr ? 0 : out->size();
  std::size_t depth = 0;
  for (std::size_t i = at_; i < text_.size(); ++i) {
    char c = text_[i];
    if (c == '(') {
      if (depth++ == 0) continue;
    } else if (c == ')') {
      if (--depth == 0) {
        at_ = i + 1;
        return true;
      }
    } else if (c == '\\' && i + 1 < text_.size()) {
      c = text_[++i];
    }
    append_unless_line_end(out, c);
  }
  if (out != nullptr) out->resize(out_size);
  unclosed_comment_ = true;
  return false;
}

bool Lexer::quoted_string(std::string& out) {
  if (unclosed_quote_) return false;
  const std::size_t out_size = out.size();
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    char c = text_[i];
    if (c == '"') {
      at_ = i + 1;
      return true;
    }
    if (c == '\\' && i + 1 < text_.size()) c = text_[++i];
    append_unless_line_end(&out, c);
  }
  out.resize(out_size);
  unclosed_quote_ = true;
  return false;
}

void Lexer::quoted_string_or_rest(std::string& out) {
  if (quoted_string(out)) return;
  for (++at_; at_ < text_.size(); ++at_) append_unless_line_end(&out, text_[at_]);
}

}  // namespace postfach::message
