#include "preview_text.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::message {
namespace {

// The longest paragraph that may be an attribution: two addresses, a date and a few words.
constexpr std::size_t kMostAttribution = 400;

constexpr char32_t kNonJoiner = 0x200C;
constexpr char32_t kJoiner = 0x200D;

// White space, and the blanks that are used as filling.
bool is_blank(char32_t c) noexcept {
  return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x115F || c == 0x1160 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x2800 ||
         c == 0x3000 || c == 0x3164 || c == 0xFFA0;
}

// Controls, and format characters that show nothing; those for the direction of text would reach beyond the preview.
bool is_invisible(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x34F || c == 0x61C || c == 0x17B4 || c == 0x17B5 ||
         (c >= 0x180B && c <= 0x180F) || c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFC) || (c & 0xFFFEU) == 0xFFFE ||
         (c >= 0x1BCA0 && c <= 0x1BCA3) || (c >= 0x1D173 && c <= 0x1D17A) || (c >= 0xE0000 && c <= 0xE0FFF);
}

// Belongs to the character before it, as marks do: variation selectors, skin tones.
bool extends(char32_t c) noexcept {
  return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1F3FB && c <= 0x1F3FF) || base::is_mark(c);
}

bool is_letter(char c) noexcept { return base::is_alpha(c) || static_cast<unsigned char>(c) >= 0x80; }

std::string_view trim_line(std::string_view line) noexcept {
  for (;;) {
    const std::string_view trimmed = base::trim(line);
    const std::string_view nbsp = "\xC2\xA0";
    line = trimmed;
    if (line.starts_with(nbsp)) line.remove_prefix(2);
    if (line.ends_with(nbsp)) line.remove_suffix(2);
    if (line.size() == trimmed.size()) return line;
  }
}

// "_______", "-----Original Message-----", "* * *": nothing but a line across the page, or one with a title.
bool is_rule(std::string_view line) noexcept {
  constexpr std::string_view kMarks = "-_=*~#+.";
  if (line.size() < 4) return false;
  if (line.find_first_not_of("-_=*~#+. ") == std::string_view::npos) return true;
  const auto left = std::min(line.find_first_not_of(kMarks), line.size());
  const auto right = line.size() - 1 - line.find_last_not_of(kMarks);
  return left >= 4 && right >= 4;
}

// "From: Ann", "*Objet :* x": one or two words and a colon.
bool is_header_line(std::string_view line) noexcept {
  if (line.starts_with('*')) line.remove_prefix(1);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 30 || !is_letter(line.front())) return false;
  const auto is_name = [](char c) { return is_letter(c) || c == ' ' || c == '-' || c == '*'; };
  if (!std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), is_name)) return false;
  const std::string_view rest = line.substr(colon + 1);
  return rest.empty() || rest.front() == ' ' || rest.front() == '\t' || rest.front() == '*' ||
         rest.starts_with("\xC2\xA0");
}

// Adds a line; the addresses that stand in angle brackets behind a link's text are left out.
void add_line(OneLine& to, std::string_view line) {
  to.add_space();
  while (!line.empty()) {
    std::size_t link = line.find('<');
    while (link != std::string_view::npos && !base::starts_with_ignoring_case(line.substr(link + 1), "http") &&
           !base::starts_with_ignoring_case(line.substr(link + 1), "mailto:")) {
      link = line.find('<', link + 1);
    }
    const std::size_t end = link == std::string_view::npos ? link : line.find('>', link);
    if (end == std::string_view::npos) return to.add(line);
    to.add(line.substr(0, link));
    line.remove_prefix(end + 1);
  }
}

}  // namespace

// --- OneLine --------------------------------------------------------------------------------------------------------

void OneLine::add(std::string_view text) {
  while (!text.empty() && !full_) {
    // A word of ASCII, as most are, goes as it is.
    std::size_t size = 0;
    while (size < text.size() && text[size] > ' ' && text[size] < 0x7F) ++size;
    const std::size_t needed = size + (space_ ? 1U : 0U);
    if (size == 0 || joiner_ != 0 || characters_ + needed > most_) {
      put(base::take_utf8(text));
      continue;
    }
    if (space_) text_.push_back(' ');
    text_.append(text.substr(0, size));
    text.remove_prefix(size);
    last_start_ = text_.size() - 1;
    characters_ += needed;
    space_ = false;
  }
}

void OneLine::put(char32_t character) {
  if (is_blank(character)) {
    joiner_ = 0;
    space_ = characters_ > 0;
    return;
  }
  if (character == kJoiner || character == kNonJoiner) {
    // Between two characters it shapes them; anywhere else it is filling.
    if (characters_ > 0 && !space_) joiner_ = character;
    return;
  }
  if (is_invisible(character)) return;
  const bool has_base = characters_ > 0 && !space_;
  if (extends(character) && !has_base) return;
  const bool continues = has_base && (extends(character) || joiner_ == kJoiner);
  const std::size_t needed = 1U + (space_ ? 1U : 0U) + (joiner_ != 0 ? 1U : 0U);
  if (characters_ + needed > most_) {
    // A character is shown with all its marks or not at all, unless there is no other.
    if (continues && last_start_ > 0) text_.resize(last_start_);
    while (text_.ends_with(' ')) text_.pop_back();
    full_ = true;
    return;
  }
  if (space_) text_.push_back(' ');
  if (!continues) last_start_ = text_.size();
  if (joiner_ != 0) base::append_utf8(text_, joiner_);
  base::append_utf8(text_, character);
  characters_ += needed;
  joiner_ = 0;
  space_ = false;
}

// --- PreviewText ----------------------------------------------------------------------------------------------------

void PreviewText::feed(std::string_view text) {
  while (!text.empty() && !is_complete()) {
    const std::size_t newline = text.find('\n');
    const std::string_view piece = text.substr(0, newline);
    const std::size_t room = kMostLine - line_.size();
    if (piece.size() > room) {
      // A long line is taken in pieces, which end between two characters.
      line_.append(piece.substr(0, room));
      text.remove_prefix(room);
      const auto is_inner = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
      std::size_t cut = line_.size();
      if (is_inner(text.front())) {
        do {
          --cut;
        } while (is_inner(line_[cut]) && line_.size() - cut < 4);
      }
      take_line(std::string_view(line_).substr(0, cut));
      line_.erase(0, cut);
      continue;
    }
    line_.append(piece);
    text.remove_prefix(piece.size());
    if (newline == std::string_view::npos) return;
    text.remove_prefix(1);
    take_line(line_);
    line_.clear();
  }
}

void PreviewText::finish() {
  if (!line_.empty() && !is_complete()) take_line(line_);
  line_.clear();
  end_header();
  flush_paragraph();
}

void PreviewText::take_line(std::string_view raw) {
  if (raw.ends_with('\r')) raw.remove_suffix(1);
  std::string_view line = trim_line(raw);
  bool is_quoted = false;
  while (line.starts_with('>')) {
    is_quoted = true;
    line = trim_line(line.substr(1));
  }
  if (is_quoted && !in_quotation_) {
    drop_attribution();
    may_have_header_ = true;
    header_lines_ = 0;
  }
  if (!line.empty()) in_quotation_ = is_quoted;

  if (in_armor_header_) {
    in_armor_header_ = !line.empty();
    return;
  }
  if (line.empty()) {
    end_header();
    paragraph_ended_ = true;
    return;
  }
  if (take_armor(line)) return;
  has_line_ = true;
  // RFC 3676 §4.3; quoted-printable and editors lose the space at its end.
  if (!is_quoted && line == "--" && raw.starts_with("--")) {
    in_signature_ = true;
    return;
  }
  if (in_signature_) return add_line(other_, line);
  if (is_rule(line)) {
    flush_paragraph();
    may_have_header_ = true;
    header_lines_ = 0;
    return;
  }
  if (take_header_line(line)) return;
  if (is_quoted || is_reply_) return add_line(quoted_, line);
  take_own(line);
}

// RFC 9580 §6.2 and data that comes as text/plain. True: the line is done with.
bool PreviewText::take_armor(std::string_view line) {
  if (!has_line_ &&
      (base::equals_ignoring_case(line, "BEGIN:VCALENDAR") || base::equals_ignoring_case(line, "BEGIN:VCARD"))) {
    is_over_ = is_unreadable_ = true;
    return true;
  }
  constexpr std::string_view kBegin = "-----BEGIN PGP ";
  if (!line.starts_with(kBegin)) return false;
  line.remove_prefix(kBegin.size());
  if (line.starts_with("SIGNED MESSAGE")) {
    in_armor_header_ = true;
    return true;
  }
  flush_paragraph();
  is_over_ = true;
  is_unreadable_ = line.starts_with("MESSAGE");
  return true;
}

// The header of a quoted message: two such lines in a row, where one may be expected. One alone is text.
bool PreviewText::take_header_line(std::string_view line) {
  if (!may_have_header_) return false;
  if (is_header_line(line)) {
    if (++header_lines_ == 1) {
      header_ = line;
      return true;
    }
    if (header_lines_ == 2) {
      add_line(other_, header_);
      is_reply_ = is_reply_ || !in_quotation_;
    }
    add_line(other_, line);
    return true;
  }
  end_header();
  may_have_header_ = false;
  return false;
}

void PreviewText::end_header() {
  if (header_lines_ == 0) return;
  may_have_header_ = false;
  if (header_lines_ == 1) {
    if (in_quotation_ || is_reply_) {
      add_line(quoted_, header_);
    } else {
      take_own(header_);
    }
  }
  header_lines_ = 0;
}

void PreviewText::take_own(std::string_view line) {
  if (paragraph_ended_ || paragraph_.size() + line.size() > kMostAttribution) flush_paragraph();
  paragraph_ended_ = false;
  if (!paragraph_.empty()) paragraph_.push_back('\n');
  paragraph_.append(line);
  if (paragraph_.size() > kMostAttribution) flush_paragraph();
}

void PreviewText::flush_paragraph() {
  std::string_view rest = paragraph_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    add_line(own_, line);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  paragraph_.clear();
}

// A quotation begins. The lines above it, "On 1 May Ann wrote:", belong to it if they end with a colon and tell of a day
// or an address.
void PreviewText::drop_attribution() {
  std::size_t begin = paragraph_.size();
  bool is_attribution = false;
  if (paragraph_.ends_with(':')) {
    for (int lines = 0; lines < 3 && begin > 0 && !is_attribution; ++lines) {
      const std::size_t newline = paragraph_.rfind('\n', begin - 1);
      begin = newline == std::string::npos ? 0 : newline;
      is_attribution = paragraph_.find_first_of("0123456789@", begin) != std::string::npos;
    }
  }
  if (is_attribution) {
    add_line(other_, std::string_view(paragraph_).substr(begin));
    paragraph_.resize(begin);
  }
  flush_paragraph();
}

}  // namespace postfach::message
