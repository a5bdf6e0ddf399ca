#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  bool is_utf8 = false;  // says the charset
  char encoding = 'q';   // or 'b'
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
  word.is_utf8 = base::equals_ignoring_case(word.charset, "utf-8");
  if (!word.is_utf8 && word.charset.find_first_of(" \t\r\n=") != std::string_view::npos) return std::nullopt;
  word.encoding = base::to_lower(rest[charset_size + 1]);
  if ((word.encoding != 'q' && word.encoding != 'b') || rest[charset_size + 2] != '?') return std::nullopt;
  const std::size_t start = at + 2 + charset_size + 3;
  const std::size_t end = terminators.after(start);
  if (end == std::string_view::npos) return std::nullopt;
  word.text = value.substr(start, end - start);
  // Another one starts in here: this one never ended. Words are full of "=", and "?" is rare.
  if (word.text.find('?') != std::string_view::npos && word.text.find("=?") != std::string_view::npos) {
    return std::nullopt;
  }
  at = end + 2;
  return word;
}

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
  explicit Run(std::string& out) noexcept : out_(out) {}

  bool empty() const noexcept { return charset_.empty(); }
  bool takes(const EncodedWord& word) const noexcept {
    return is_utf8_ ? word.is_utf8 : base::equals_ignoring_case(charset_, word.charset);
  }
  // Nothing else is appended to the text before flush().
  void add(const EncodedWord& word) {
    if (empty()) start_ = out_.size();
    charset_ = word.charset;
    is_utf8_ = word.is_utf8;
    append_octets(out_, word);
  }
  void flush() {
    if (empty()) return;
    const std::string_view octets = std::string_view(out_).substr(start_);
    if (!is_utf8_ || !base::is_utf8(octets)) {
      const std::optional<std::string> text = base::to_utf8(octets, charset_);
      if (text) out_.replace(start_, octets.size(), *text);
    }
    charset_ = {};
  }

 private:
  std::string& out_;
  std::size_t start_ = 0;  // of the octets of this run
  std::string_view charset_;
  bool is_utf8_ = false;
};

// The charsets of one text. Each is asked for once, because that may search the disk, and no honest text has many: what
// comes after the first few counts as unknown.
class Charsets {
 public:
  bool knows(const EncodedWord& word) {
    if (word.charset.empty()) return false;
    if (word.is_utf8 && has_utf8_) return true;
    for (const Entry& entry : others_) {
      if (base::equals_ignoring_case(entry.charset, word.charset)) return entry.known;
    }
    constexpr std::size_t kMost = 16;
    if (others_.size() + (has_utf8_ ? 1 : 0) == kMost) return false;
    if (word.is_utf8) return has_utf8_ = true;
    return others_.emplace_back(Entry{word.charset, base::is_known_charset(word.charset)}).known;
  }

 private:
  struct Entry {
    std::string_view charset;
    bool known = false;
  };
  bool has_utf8_ = false;
  std::vector<Entry> others_;
};

}  // namespace

std::string decode_encoded_words(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  decode_encoded_words(value, out);
  return out;
}

void decode_encoded_words(std::string_view value, std::string& out) {
  out.clear();
  std::size_t next = value.find("=?");
  if (next == std::string_view::npos) return append_as_utf8(out, value);
  Run run(out);
  Terminators terminators(value);
  Charsets charsets;
  std::size_t plain = 0;  // start of the text that is not yet dealt with
  while (next != std::string_view::npos) {
    std::size_t end = next;
    const std::optional<EncodedWord> word = take_encoded_word(value, end, terminators);
    if (!word || !charsets.knows(*word)) {
      next = value.find("=?", word ? end : next + 2);
      continue;
    }
    const std::string_view gap = value.substr(plain, next - plain);
    const bool adjacent = !run.empty() && is_all_white(gap);
    if (!adjacent || !run.takes(*word)) run.flush();
    if (!adjacent) append_as_utf8(out, gap);
    run.add(*word);
    plain = end;
    next = value.find("=?", end);
  }
  run.flush();
  append_as_utf8(out, value.substr(plain));
}

}  // namespace postfach::message
