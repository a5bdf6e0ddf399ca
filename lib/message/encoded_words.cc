#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/charset.h"
#include "base/utf8.h"
#include "decode.h"
#include "lexer.h"
#include "quoted_printable.h"

namespace postfach::message {
namespace {

struct EncodedWord {
  std::string_view charset;
  char encoding = 'q';  // or 'b'
  std::string_view text;
};

// Finds "?=" ahead of ever later positions; looks at each octet once.
class Terminators {
 public:
  explicit Terminators(std::string_view text) noexcept : text_(text) {}
  std::size_t after(std::size_t at) noexcept {
    if (found_ < at) found_ = text_.find("?=", at);
    return found_;
  }

 private:
  std::string_view text_;
  std::size_t found_ = 0;
};

// RFC 2047 §2, at a "=?". Takes spaces within the text, which the RFC forbids and mail has; the language of RFC 2231 §5
// is dropped. On success `at` is behind the word.
std::optional<EncodedWord> take_encoded_word(std::string_view value, std::size_t& at, Terminators& terminators) {
  const std::string_view rest = value.substr(at + 2, kLongestCharset + 3);
  const std::size_t charset_size = rest.find('?');
  if (charset_size == std::string_view::npos || charset_size == 0 || charset_size + 2 >= rest.size())
    return std::nullopt;
  EncodedWord word;
  word.charset = rest.substr(0, charset_size);
  word.charset = word.charset.substr(0, word.charset.find('*'));
  for (const char c : word.charset) {
    if (is_white(c) || c == '=') return std::nullopt;
  }
  word.encoding = base::to_lower(rest[charset_size + 1]);
  if ((word.encoding != 'q' && word.encoding != 'b') || rest[charset_size + 2] != '?') return std::nullopt;
  const std::size_t start = at + 2 + charset_size + 3;
  const std::size_t end = terminators.after(start);
  if (end == std::string_view::npos) return std::nullopt;
  word.text = value.substr(start, end - start);
  // Another one starts in here: this one never ended.
  if (word.text.find("=?") != std::string_view::npos) return std::nullopt;
  at = end + 2;
  return word;
}

bool says_utf8(std::string_view charset) noexcept { return base::equals_ignoring_case(charset, "utf-8"); }

void append_octets(std::string& out, const EncodedWord& word) {
  if (word.encoding == 'q') return append_decoded_q(out, word.text);
  base::Base64Decoder decoder;
  decoder.decode(word.text, out);
  decoder.finish(out);
}

void append_as_utf8(std::string& out, std::string_view text) {
  if (base::is_utf8(text)) {
    out.append(text);
  } else {
    out.append(base::to_utf8(text, "windows-1252").value_or(std::string(text)));
  }
}

bool is_all_white(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_white(c)) return false;
  }
  return true;
}

// The words that stand next to each other in one charset. Decoded octets are joined before the charset is applied:
// mailers cut words in the middle of a character.
class Run {
 public:
  bool empty() const noexcept { return charset_.empty(); }
  bool takes(const EncodedWord& word) const noexcept { return base::equals_ignoring_case(charset_, word.charset); }
  void add(const EncodedWord& word) {
    charset_ = word.charset;
    append_octets(octets_, word);
  }
  void flush(std::string& out) {
    if (empty()) return;
    if (says_utf8(charset_) && base::is_utf8(octets_)) {
      out.append(octets_);
    } else {
      out.append(base::to_utf8(octets_, charset_).value_or(octets_));
    }
    charset_ = {};
    octets_.clear();
  }

 private:
  std::string_view charset_;
  std::string octets_;
};

// The charsets of one text. Each is asked for once, because that may search the disk, and no honest text has many: what
// comes after the first few counts as unknown.
class Charsets {
 public:
  bool knows(std::string_view charset) {
    if (charset.empty()) return false;
    for (std::size_t i = 0; i < count_; ++i) {
      if (base::equals_ignoring_case(seen_[i].charset, charset)) return seen_[i].known;
    }
    if (count_ == seen_.size()) return false;
    Entry& entry = seen_[count_++];
    entry = {charset, says_utf8(charset) || base::is_known_charset(charset)};
    return entry.known;
  }

 private:
  struct Entry {
    std::string_view charset;
    bool known = false;
  };
  std::array<Entry, 16> seen_;
  std::size_t count_ = 0;  // of them
};

}  // namespace

std::string decode_encoded_words(std::string_view value) {
  std::size_t next = value.find("=?");
  std::string out;
  out.reserve(value.size());
  if (next == std::string_view::npos) {
    append_as_utf8(out, value);
    return out;
  }
  Run run;
  Terminators terminators(value);
  Charsets charsets;
  std::size_t plain = 0;  // start of the text that is not yet dealt with
  while (next != std::string_view::npos) {
    std::size_t end = next;
    const std::optional<EncodedWord> word = take_encoded_word(value, end, terminators);
    if (!word || !charsets.knows(word->charset)) {
      next = value.find("=?", word ? end : next + 2);
      continue;
    }
    const std::string_view gap = value.substr(plain, next - plain);
    const bool adjacent = !run.empty() && is_all_white(gap);
    if (!adjacent || !run.takes(*word)) run.flush(out);
    if (!adjacent) append_as_utf8(out, gap);
    run.add(*word);
    plain = end;
    next = value.find("=?", end);
  }
  run.flush(out);
  append_as_utf8(out, value.substr(plain));
  return out;
}

}  // namespace postfach::message
