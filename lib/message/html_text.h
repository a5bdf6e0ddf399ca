// The text of an HTML document, as somebody reads it: in lines, without markup.
//
// Invariants:
// - Linear time and bounded memory whatever the octets are; there is no error. Nothing nests: what is remembered of the
//   document is a few regions and one tag.
// - The result depends on the text alone, not on how it was cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::message {

class HtmlText {
 public:
  // Appends to out the text of a piece: UTF-8, cut anywhere. What a browser shows in a line of its own begins a line
  // ("\n"), and each line of a quotation begins with ">". Rules become a line of dashes. White space is not collapsed.
  //
  // Text that its style hides is left out, but for what stands before all other text: senders put a summary there for
  // lists of messages, which no reader of the message itself sees.
  void feed(std::string_view html, std::string& out);
  // Behind the last piece.
  void finish(std::string& out);

  // The alternative texts of the pictures so far, for a document that is nothing but pictures. At most 1 KiB.
  const std::string& pictures() const noexcept { return pictures_; }

 private:
  enum class State : std::uint8_t { text, entity, tag_open, markup, tag, comment, declaration, raw };
  // Within a tag: where a ">" does not end it.
  enum class Quote : std::uint8_t { none, expected, double_quotes, single_quotes, unquoted };
  // A part of the document that is left out or quoted, from one start tag to its end tag.
  enum class Kind : std::uint8_t { skipped, hidden, quoted };
  struct Region {
    std::string name;
    Kind kind;
    std::size_t depth = 1;  // elements of that name that are open within it, itself included
  };

  std::size_t skip(std::string_view html, std::size_t at) const noexcept;
  void take(char c, std::string& out);
  void take_text(char c, std::string& out);
  void take_entity(char c, std::string& out);
  void take_tag_open(char c, std::string& out);
  void take_markup(char c);
  void take_tag(char c, std::string& out);
  void take_comment(char c) noexcept;
  void take_raw(char c);
  void end_tag(std::string& out);
  void open_element(std::string_view name, std::string_view attributes, bool is_closed, std::string& out);
  void close_element(std::string_view name, std::string& out);
  void enter(std::string_view name, Kind kind);
  void put(std::string_view text, std::string& out);
  void put_line_end(std::string& out);
  bool is_within(Kind kind) const noexcept;

  State state_ = State::text;
  std::string held_;  // of an entity, a markup declaration or a tag, behind the "&" or "<"
  Quote quote_ = Quote::none;
  std::size_t dashes_ = 0;   // at the end of a comment so far
  std::string raw_;          // the element whose text is no text
  std::size_t matched_ = 0;  // octets of its end tag
  std::vector<Region> regions_;
  std::size_t preformatted_ = 0;
  bool at_line_start_ = true;
  bool has_text_ = false;  // outside of hidden regions, or in the first of them
  bool in_preheader_ = false;
  std::string pictures_;
};

}  // namespace postfach::message
