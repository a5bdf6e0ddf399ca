#include "base_subject.h"

#include <cstddef>

#include "base/ascii.h"
#include "decode.h"
#include "lexer.h"

namespace postfach::message {
namespace {

// Step (1): decoded, and each run of white space one space.
void normalize(std::string_view subject, std::string& out) {
  bool is_plain = true;
  bool has_equals = false;
  char before = 0;
  for (const char c : subject) {
    is_plain &= static_cast<unsigned char>(c) < 0x80 && !(is_white(c) && (c != ' ' || before == ' '));
    has_equals |= c == '=';
    before = c;
  }
  if (is_plain && (!has_equals || subject.find("=?") == std::string_view::npos)) {
    out.assign(subject);
    return;
  }
  const std::string decoded = decode_encoded_words(subject);
  out.clear();
  for (const char c : decoded) {
    if (!is_white(c)) {
      out.push_back(c);
    } else if (out.empty() || out.back() != ' ') {
      out.push_back(' ');
    }
  }
}

void skip_spaces(std::string_view text, std::size_t& at) noexcept {
  while (at < text.size() && text[at] == ' ') ++at;
}

// subj-blob = "[" *BLOBCHAR "]" *WSP
bool skip_blob(std::string_view text, std::size_t& at) noexcept {
  if (at >= text.size() || text[at] != '[') return false;
  const std::size_t end = text.find_first_of("[]", at + 1);
  if (end == std::string_view::npos || text[end] == '[') return false;
  at = end + 1;
  skip_spaces(text, at);
  return true;
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
bool skip_refwd(std::string_view text, std::size_t& at) noexcept {
  std::size_t end = at;
  const std::string_view rest = text.substr(at);
  if (base::starts_with_ignoring_case(rest, "fwd")) {
    end += 3;
  } else if (base::starts_with_ignoring_case(rest, "fw") || base::starts_with_ignoring_case(rest, "re")) {
    end += 2;
  } else {
    return false;
  }
  skip_spaces(text, end);
  skip_blob(text, end);
  if (end >= text.size() || text[end] != ':') return false;
  at = end + 1;
  return true;
}

// Step (2): *subj-trailer, where subj-trailer = "(fwd)" / WSP
bool remove_trailers(std::string_view& text) noexcept {
  constexpr std::string_view kForwarded = "(fwd)";
  bool has_forwarded = false;
  for (;;) {
    if (text.ends_with(' ')) {
      text.remove_suffix(1);
    } else if (text.size() >= kForwarded.size() &&
               base::equals_ignoring_case(text.substr(text.size() - kForwarded.size()), kForwarded)) {
      text.remove_suffix(kForwarded.size());
      has_forwarded = true;
    } else {
      return has_forwarded;
    }
  }
}

// Steps (3) to (5): subj-leader = (*subj-blob subj-refwd) / WSP, and blobs with a subject behind them. A row of blobs is
// walked through once: either a subj-refwd stands at its end, for whichever of the blobs one begins with, or none.
bool remove_leaders(std::string_view& text) noexcept {
  bool has_refwd = false;
  for (;;) {
    std::size_t at = 0;
    skip_spaces(text, at);
    text.remove_prefix(at);
    at = 0;
    std::size_t last_blob = 0;
    for (std::size_t next = 0; skip_blob(text, next); at = next) last_blob = at;
    if (skip_refwd(text, at)) {
      text.remove_prefix(at);
      has_refwd = true;
      continue;
    }
    text.remove_prefix(at < text.size() ? at : last_blob);
    return has_refwd;
  }
}

}  // namespace

BaseSubject base_subject(std::string_view subject, std::string& buffer) {
  constexpr std::string_view kForward = "[fwd:";
  normalize(subject, buffer);
  BaseSubject result{buffer, false};
  for (;;) {
    result.is_reply_or_forward |= remove_trailers(result.text);
    result.is_reply_or_forward |= remove_leaders(result.text);
    // Step (6): subj-fwd = subj-fwd-hdr subject subj-fwd-trl
    if (!base::starts_with_ignoring_case(result.text, kForward) || !result.text.ends_with(']')) return result;
    result.text.remove_prefix(kForward.size());
    result.text.remove_suffix(1);
    result.is_reply_or_forward = true;
  }
}

}  // namespace postfach::message
