#include "utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ascii.h"

namespace postfach::base {
namespace {

// What stands at the beginning of a text that is not empty.
struct Piece {
  std::size_t size;  // of the sequence, or of the maximal part of one, at least 1
  bool valid;
};

// RFC 3629 §4: the first octet fixes the length and narrows the range of the second, which shuts out overlong
// forms, surrogates and everything above U+10FFFF.
Piece next_piece(std::string_view text) noexcept {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (text.size() < 2 || at(1) < least || at(1) > most) return {1, false};
  for (std::size_t i = 2; i < size; ++i) {
    if (i >= text.size() || (at(i) & 0xC0U) != 0x80) return {i, false};
  }
  return {size, true};
}

// The octets at the beginning that are UTF-8.
std::size_t valid_prefix(std::string_view text) noexcept {
  constexpr std::size_t kBlock = 64;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_ascii(text.substr(i, kBlock))) {
      i += std::min(kBlock, text.size() - i);
      continue;
    }
    // Up to the end of this block one by one; the last sequence may reach into the next.
    for (const std::size_t stop = std::min(i + kBlock, text.size()); i < stop;) {
      if (static_cast<unsigned char>(text[i]) < 0x80) {
        ++i;
        continue;
      }
      const Piece piece = next_piece(text.substr(i));
      if (!piece.valid) return i;
      i += piece.size;
    }
  }
  return text.size();
}

utf8proc_int32_t decode(std::string_view text) noexcept {
  utf8proc_int32_t code_point = 0;
  utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &code_point);
  return code_point;
}

void append_code_point(std::string& out, utf8proc_int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> octets;
  const utf8proc_ssize_t size = utf8proc_encode_char(code_point, octets.data());
  if (size > 0) out.append(reinterpret_cast<const char*>(octets.data()), static_cast<std::size_t>(size));
}

auto combining_class(utf8proc_int32_t code_point) noexcept {
  return utf8proc_get_property(code_point)->combining_class;
}

// Decomposes code points one by one and puts combining marks into canonical order. utf8proc's own functions
// for whole strings sort the marks in quadratic time, which a mail of nothing but marks would turn into
// hours.
class Decomposer {
 public:
  explicit Decomposer(int options) noexcept : options_(static_cast<utf8proc_option_t>(options)) {}

  // Appends to out; marks wait until the next starter, or flush().
  template <class Put>
  void add(utf8proc_int32_t code_point, Put put) {
    // The longest decomposition of Unicode has 18 code points (U+FDFA).
    std::array<utf8proc_int32_t, 32> parts;
    int boundary = 0;
    const utf8proc_ssize_t count = utf8proc_decompose_char(
        code_point, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()), options_, &boundary);
    if (count < 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) {
      add_part(code_point, put);  // kept as it is
      return;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) add_part(parts[i], put);
  }

  bool has_marks() const noexcept { return !marks_.empty(); }

  template <class Put>
  void flush(Put put) {
    if (marks_.size() > 1) {
      std::stable_sort(marks_.begin(), marks_.end(),
                       [](auto a, auto b) { return combining_class(a) < combining_class(b); });
    }
    for (const utf8proc_int32_t mark : marks_) put(mark);
    marks_.clear();
  }

 private:
  template <class Put>
  void add_part(utf8proc_int32_t part, Put put) {
    if (combining_class(part) != 0) {
      marks_.push_back(part);
      return;
    }
    flush(put);
    put(part);
  }

  utf8proc_option_t options_;
  std::vector<utf8proc_int32_t> marks_;
};

constexpr int kFold = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;

// The one character whose titlecase is that of another which it does not fold to: dotless i, whose capital is "I".
utf8proc_int32_t folding_base(utf8proc_int32_t code_point) noexcept { return code_point == 0x131 ? 'i' : code_point; }

// Of a folded text.
enum class WordPart : unsigned char { letter, between, nothing };

constexpr WordPart ascii_word_part(char c) noexcept {
  // "C++", "#7", "$100" and "50%" are words.
  const bool is_symbol = c == '+' || c == '#' || c == '$' || c == '%';
  return is_alpha(c) || is_digit(c) || is_symbol ? WordPart::letter : WordPart::between;
}

WordPart word_part(utf8proc_int32_t code_point) noexcept {
  if (code_point < 0x80) return ascii_word_part(static_cast<char>(code_point));
  if (combining_class(code_point) != 0) return WordPart::nothing;
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CF:  // soft hyphens, joiners
      return WordPart::nothing;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
      return WordPart::between;
    default:
      return WordPart::letter;
  }
}

}  // namespace

bool is_utf8(std::string_view text) noexcept { return valid_prefix(text) == text.size(); }

std::string replace_invalid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (;;) {
    const std::size_t good = valid_prefix(text);
    valid += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty()) return valid;
    valid += kReplacementCharacter;
    text.remove_prefix(next_piece(text).size);
  }
}

namespace {

// NFC, or NFKC with UTF8PROC_COMPAT.
std::string compose(std::string_view text, int compatibility) {
  if (is_ascii(text) || !is_utf8(text)) return std::string(text);
  std::vector<utf8proc_int32_t> code_points;
  code_points.reserve(text.size());
  const auto put = [&code_points](utf8proc_int32_t code_point) { code_points.push_back(code_point); };
  Decomposer decomposer(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | compatibility);
  while (!text.empty()) {
    const std::size_t size = next_piece(text).size;
    decomposer.add(decode(text.substr(0, size)), put);
    text.remove_prefix(size);
  }
  decomposer.flush(put);

  const utf8proc_ssize_t count =
      utf8proc_normalize_utf32(code_points.data(), static_cast<utf8proc_ssize_t>(code_points.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  code_points.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(count, 0)));
  std::string normal;
  for (const utf8proc_int32_t code_point : code_points) append_code_point(normal, code_point);
  return normal;
}

}  // namespace

std::string normalize(std::string_view text) { return compose(text, 0); }

std::string normalize_compatibility(std::string_view text) { return compose(text, UTF8PROC_COMPAT); }

namespace {

void fold_by_decomposition(std::string& out, std::string_view text, Decomposer& decomposer) {
  const auto put = [&out](utf8proc_int32_t code_point) { append_code_point(out, code_point); };
  const Piece piece = next_piece(text);
  if (piece.size == 1) {  // ASCII, or an octet that begins nothing: both end a run of marks
    decomposer.flush(put);
    out += to_lower(text.front());
  } else if (piece.valid) {
    decomposer.add(folding_base(decode(text)), put);
  } else {
    decomposer.flush(put);
    out += text;
  }
}

// What the letters of Latin, Greek and Cyrillic fold to, which are most of what is no ASCII in mail.
class FoldedLetters {
 public:
  // Made of what utf8proc says, once.
  static const FoldedLetters& instance() {
    static const FoldedLetters letters;
    return letters;
  }

  static constexpr std::size_t kMostOctets = 7;
  struct Letter {
    std::array<char, kMostOctets> octets = {};
    std::uint8_t size = 0;  // 0: none of these
  };

  // What the character at the beginning of text folds to if the end of text or one of these or ASCII follows, so that
  // no mark is to be sorted into it; else null. It has two octets.
  const Letter* at(std::string_view text) const noexcept {
    const Letter* const letter = find(text);
    if (letter == nullptr) return nullptr;
    const bool is_alone = text.size() == 2 || static_cast<unsigned char>(text[2]) < 0x80 || find(text.substr(2));
    return is_alone ? letter : nullptr;
  }

 private:
  static constexpr std::size_t kFirst = 0x80;
  static constexpr std::size_t kEnd = 0x530;

  FoldedLetters() {
    std::string letter;
    std::string folded;
    for (std::size_t code_point = kFirst; code_point < kEnd; ++code_point) {
      letter.clear();
      append_code_point(letter, static_cast<utf8proc_int32_t>(code_point));
      folded.clear();
      Decomposer decomposer(kFold);
      fold_by_decomposition(folded, letter, decomposer);
      decomposer.flush([&folded](utf8proc_int32_t mark) { append_code_point(folded, mark); });
      Letter& entry = letters_[code_point - kFirst];
      // A mark may have to stand before those that precede it.
      if (folded.empty() || folded.size() > entry.octets.size() || combining_class(decode(folded)) != 0) continue;
      std::copy(folded.begin(), folded.end(), entry.octets.begin());
      entry.size = static_cast<std::uint8_t>(folded.size());
    }
  }

  const Letter* find(std::string_view text) const noexcept {
    if (text.size() < 2 || !is_continuation(text[1])) return nullptr;
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t code_point = (lead & 0x1FU) << 6U | (static_cast<unsigned char>(text[1]) & 0x3FU);
    if (lead < 0xC2 || lead > 0xDF || code_point >= kEnd) return nullptr;
    const Letter& letter = letters_[code_point - kFirst];
    return letter.size > 0 ? &letter : nullptr;
  }

  std::array<Letter, kEnd - kFirst> letters_;
};

}  // namespace

void append_fold(std::string& out, std::string_view text) {
  const FoldedLetters& letters = FoldedLetters::instance();
  const auto put = [&out](utf8proc_int32_t code_point) { append_code_point(out, code_point); };
  Decomposer decomposer(kFold);
  // What needs no decomposing, before it is appended: octets one by one are dear there.
  std::array<char, 256> simple;
  std::size_t filled = 0;
  const auto append_simple = [&] {
    out.append(simple.data(), filled);
    filled = 0;
  };
  while (!text.empty()) {
    const bool is_ascii = static_cast<unsigned char>(text.front()) < 0x80;
    const FoldedLetters::Letter* const letter = is_ascii ? nullptr : letters.at(text);
    if (!is_ascii && letter == nullptr) {
      append_simple();
      const std::size_t size = next_piece(text).size;
      fold_by_decomposition(out, text.substr(0, size), decomposer);
      text.remove_prefix(size);
      continue;
    }
    if (decomposer.has_marks()) decomposer.flush(put);
    if (filled + FoldedLetters::kMostOctets > simple.size()) append_simple();
    if (is_ascii) {
      const std::size_t most = std::min(text.size(), simple.size() - filled);
      std::size_t size = 0;
      for (; size < most && static_cast<unsigned char>(text[size]) < 0x80; ++size) {
        simple[filled + size] = to_lower(text[size]);
      }
      filled += size;
      text.remove_prefix(size);
    } else {
      std::memcpy(simple.data() + filled, letter->octets.data(), letter->octets.size());
      filled += letter->size;
      text.remove_prefix(2);
    }
  }
  append_simple();
  decomposer.flush(put);
}

std::string fold(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  append_fold(folded, text);
  return folded;
}

char32_t take_utf8(std::string_view& text) noexcept {
  if (static_cast<unsigned char>(text.front()) < 0x80) {
    const auto character = static_cast<char32_t>(text.front());
    text.remove_prefix(1);
    return character;
  }
  const Piece piece = next_piece(text);
  const char32_t character = piece.valid ? static_cast<char32_t>(decode(text.substr(0, piece.size))) : 0xFFFD;
  text.remove_prefix(piece.size);
  return character;
}

void append_utf8(std::string& out, char32_t character) {
  const auto code_point = static_cast<utf8proc_int32_t>(character);
  if (utf8proc_codepoint_valid(code_point)) append_code_point(out, code_point);
}

bool is_mark(char32_t character) noexcept {
  if (character < 0x300) return false;
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(character));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

namespace {

// Simple titlecase as UnicodeData.txt has it: there is none for the sharp s, whatever utf8proc thinks.
utf8proc_int32_t titlecase(utf8proc_int32_t code_point) noexcept {
  return code_point == 0xDF ? code_point : utf8proc_totitle(code_point);
}

}  // namespace

void append_collation_key(std::string& out, std::string_view text) {
  const std::size_t ascii = static_cast<std::size_t>(
      std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) -
      text.begin());
  for (const char c : text.substr(0, ascii)) out.push_back(to_upper(c));
  text.remove_prefix(ascii);
  if (text.empty()) return;

  const auto put = [&out](utf8proc_int32_t code_point) { append_code_point(out, code_point); };
  Decomposer decomposer(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  while (!text.empty()) {
    const Piece piece = next_piece(text);
    if (piece.size == 1) {  // ASCII, or an octet that begins nothing: both end a run of marks
      decomposer.flush(put);
      out.push_back(to_upper(text.front()));
    } else if (piece.valid) {
      decomposer.add(titlecase(decode(text.substr(0, piece.size))), put);
    } else {
      decomposer.flush(put);
      out += text.substr(0, piece.size);
    }
    text.remove_prefix(piece.size);
  }
  decomposer.flush(put);
}

std::string fold_words(std::string_view text) {
  // What ASCII becomes; a space for what is between words.
  static constexpr std::array<char, 128> kAscii = [] {
    std::array<char, 128> table{};
    for (int i = 0; i < 128; ++i) {
      const char c = to_lower(static_cast<char>(i));
      table[static_cast<std::size_t>(i)] = ascii_word_part(c) == WordPart::letter ? c : ' ';
    }
    return table;
  }();
  std::string words;
  words.reserve(text.size());
  const auto put = [&words](utf8proc_int32_t code_point) {
    switch (word_part(code_point)) {
      case WordPart::letter:
        append_code_point(words, code_point);
        break;
      case WordPart::between:
        if (words.empty() || words.back() != ' ') words += ' ';
        break;
      case WordPart::nothing:
        break;
    }
  };
  Decomposer decomposer(kFold);
  while (!text.empty()) {
    const auto end =
        std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (end != text.begin()) {
      decomposer.flush(put);
      for (auto at = text.begin(); at != end; ++at) {
        const char c = kAscii[static_cast<unsigned char>(*at)];
        if (c != ' ' || words.empty() || words.back() != ' ') words += c;
      }
      text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
      continue;
    }
    const Piece piece = next_piece(text);
    if (!piece.valid) {
      decomposer.flush(put);
      put(' ');
    } else {
      decomposer.add(folding_base(decode(text.substr(0, piece.size))), put);
    }
    text.remove_prefix(piece.size);
  }
  decomposer.flush(put);
  return words;
}

}  // namespace postfach::base
