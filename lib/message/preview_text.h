// What of a text is worth showing in a list of messages: the sender's own words first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postfach::message {

// One line of text for a list: white space collapsed, control characters and what is invisible left out, so that a
// message can neither fill its preview with nothing nor turn it around.
class OneLine {
 public:
  explicit OneLine(std::size_t most) noexcept : most_(most) {}

  // UTF-8, not cut within a character. What does not fit is dropped.
  void add(std::string_view text);
  void add_space() noexcept { space_ = characters_ > 0; }
  bool is_full() const noexcept { return full_; }
  bool empty() const noexcept { return text_.empty(); }
  const std::string& text() const noexcept { return text_; }

 private:
  void put(char32_t character);

  std::size_t most_;  // characters
  std::string text_;
  std::size_t characters_ = 0;
  std::size_t last_start_ = 0;  // where the last character with its marks begins
  bool space_ = false;          // before the next character
  char32_t joiner_ = 0;         // that stands between the last character and the next
  bool full_ = false;
};

// Sorts the lines of a text/plain body, or of HtmlText, into the sender's own words, what is quoted, and what says
// little: signatures, the header lines of quoted messages, "Ann wrote:" above a quotation, rules. It knows the forms
// that these have in all languages, and no words.
//
// Linear time; memory is bounded by one line of kMostLine octets and the three results.
class PreviewText {
 public:
  explicit PreviewText(std::size_t characters) noexcept : own_(characters), quoted_(characters), other_(characters) {}

  // UTF-8, cut anywhere.
  void feed(std::string_view text);
  void finish();
  // Nothing that follows can change own().
  bool is_complete() const noexcept { return is_over_ || own_.is_full(); }
  // The text is encrypted, or data that nobody reads.
  bool is_unreadable() const noexcept { return is_unreadable_; }

  const std::string& own() const noexcept { return own_.text(); }
  const std::string& quoted() const noexcept { return quoted_.text(); }
  const std::string& other() const noexcept { return other_.text(); }

 private:
  static constexpr std::size_t kMostLine = 2048;

  void take_line(std::string_view line);
  bool take_armor(std::string_view line);
  bool take_header_line(std::string_view line);
  void end_header();
  void take_own(std::string_view line);
  void flush_paragraph();
  void drop_attribution();

  OneLine own_;
  OneLine quoted_;
  OneLine other_;
  std::string line_;
  std::string paragraph_;  // own words that may turn out to introduce a quotation
  std::string header_;     // one line like that of a header
  std::size_t header_lines_ = 0;
  bool paragraph_ended_ = false;
  bool may_have_header_ = false;  // behind a rule, or at the beginning of a quotation
  bool is_reply_ = false;         // behind the header of a quoted message: what follows is quoted
  bool in_quotation_ = false;
  bool in_signature_ = false;
  bool in_armor_header_ = false;  // RFC 9580 §7: of a signed text
  bool has_line_ = false;
  bool is_over_ = false;
  bool is_unreadable_ = false;
};

}  // namespace postfach::message
