#include "html_text.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "html_entities.h"

namespace postfach::message {
namespace {

// A tag's attributes beyond that are not looked at.
constexpr std::size_t kMostTag = 4096;
constexpr std::size_t kMostEntity = 32;
constexpr std::size_t kMostRegions = 16;
constexpr std::size_t kMostPictures = 1024;

// Names in order, so that a tag costs a few comparisons.
template <std::size_t size>
bool contains(const std::array<std::string_view, size>& names, std::string_view name) noexcept {
  return std::binary_search(names.begin(), names.end(), name);
}

// HTML Standard §13.1.2 and, of "title", §15.3.1: their text is none, and "<" begins nothing but their end tag.
constexpr std::array<std::string_view, 8> kRaw = {"iframe", "noembed",  "noframes", "script",
                                                  "style",  "textarea", "title",    "xmp"};
// Not shown, but with elements inside. "xml" is what Office leaves in its mails.
constexpr std::array<std::string_view, 6> kSkipped = {"datalist", "math", "select", "svg", "template", "xml"};
// HTML Standard §15.3: shown in lines of their own.
constexpr std::array<std::string_view, 41> kBlocks = {
    "address", "article", "aside", "blockquote", "body", "br",   "caption",  "center",     "dd",
    "details", "dialog",  "dir",   "div",        "dl",   "dt",   "fieldset", "figcaption", "figure",
    "footer",  "form",    "h1",    "h2",         "h3",   "h4",   "h5",       "h6",         "head",
    "header",  "hr",      "html",  "legend",     "li",   "main", "nav",      "ol",         "p",
    "pre",     "section", "table", "tr",         "ul"};
constexpr std::array<std::string_view, 13> kVoid = {"area",  "base", "br",   "col",    "embed", "hr", "img",
                                                    "input", "link", "meta", "source", "track", "wbr"};
// Classes and identifiers that mail programs give to what they quote.
constexpr std::array<std::string_view, 6> kQuoted = {
    "gmail_quote", "gmail_quote_container", "moz-forward-container", "protonmail_quote", "yahoo_quoted", "zmail_extra"};

static_assert(std::is_sorted(kRaw.begin(), kRaw.end()) && std::is_sorted(kSkipped.begin(), kSkipped.end()) &&
              std::is_sorted(kBlocks.begin(), kBlocks.end()) && std::is_sorted(kVoid.begin(), kVoid.end()) &&
              std::is_sorted(kQuoted.begin(), kQuoted.end()));

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

struct Attribute {
  std::string_view name;
  std::string_view value;  // as written: references are not decoded
};

// Takes the next attribute off the inside of a tag.
std::optional<Attribute> take_attribute(std::string_view& text) noexcept {
  const auto skip_space = [&text] {
    while (!text.empty() && (is_space(text.front()) || text.front() == '/')) text.remove_prefix(1);
  };
  skip_space();
  if (text.empty()) return std::nullopt;
  std::size_t size = 1;  // HTML Standard §13.2.5.32: a "=" at the beginning belongs to the name
  while (size < text.size() && !is_space(text[size]) && text[size] != '=' && text[size] != '/') ++size;
  Attribute attribute{text.substr(0, size), {}};
  text.remove_prefix(size);
  std::string_view rest = text;
  while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
  if (!rest.starts_with('=')) return attribute;
  text = rest.substr(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  if (text.starts_with('"') || text.starts_with('\'')) {
    const char quote = text.front();
    text.remove_prefix(1);
    size = std::min(text.find(quote), text.size());
    attribute.value = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    return attribute;
  }
  size = 0;
  while (size < text.size() && !is_space(text[size])) ++size;
  attribute.value = text.substr(0, size);
  text.remove_prefix(size);
  return attribute;
}

// Whether a declaration is there and its value is zero, whatever the unit.
bool is_zero(std::string_view style, std::string_view declaration) noexcept {
  const std::size_t at = style.find(declaration);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = style.substr(at + declaration.size());
  return rest.starts_with('0') && (rest.size() == 1 || (!base::is_digit(rest[1]) && rest[1] != '.'));
}

// What makes an element invisible on every screen. Not font-size:0, which layouts put around visible text.
bool hides(std::string_view style) noexcept {
  return style.find("display:none") != std::string_view::npos ||
         style.find("visibility:hidden") != std::string_view::npos || is_zero(style, "max-height:") ||
         is_zero(style, "opacity:");
}

bool has_quoted_name(std::string_view value) noexcept {
  while (!value.empty()) {
    std::size_t size = 0;
    while (size < value.size() && !is_space(value[size])) ++size;
    if (contains(kQuoted, value.substr(0, size))) return true;
    value.remove_prefix(std::min(size + 1, value.size()));
  }
  return false;
}

}  // namespace

void HtmlText::feed(std::string_view html, std::string& out) {
  std::size_t at = 0;
  while (at < html.size()) {
    if (state_ != State::text) {
      at = skip(html, at);
      if (at < html.size()) take(html[at++], out);
      continue;
    }
    // Runs of plain text go as they are.
    std::size_t end = at;
    while (end < html.size() && html[end] != '<' && html[end] != '&' && html[end] != '\n' && html[end] != '\r') ++end;
    if (end > at) put(html.substr(at, end - at), out);
    at = end;
    if (at < html.size()) take_text(html[at++], out);
  }
}

// Over octets that change nothing: most of a style sheet or a comment.
std::size_t HtmlText::skip(std::string_view html, std::size_t at) const noexcept {
  std::size_t next = at;
  if (state_ == State::raw && matched_ == 0) next = html.find('<', at);
  if (state_ == State::comment && dashes_ == 0) next = html.find('-', at);
  if (state_ == State::declaration) next = html.find('>', at);
  return std::min(next, html.size());
}

void HtmlText::finish(std::string& out) {
  if (state_ == State::tag_open && held_.empty()) put("<", out);
  if (state_ == State::entity) take_entity(' ', out);
  state_ = State::text;
  held_.clear();
}

void HtmlText::take(char c, std::string& out) {
  switch (state_) {
    case State::text:
      return take_text(c, out);
    case State::entity:
      return take_entity(c, out);
    case State::tag_open:
      return take_tag_open(c, out);
    case State::markup:
      return take_markup(c);
    case State::tag:
      return take_tag(c, out);
    case State::comment:
      return take_comment(c);
    case State::declaration:
      if (c == '>') state_ = State::text;
      return;
    case State::raw:
      return take_raw(c);
  }
}

void HtmlText::take_text(char c, std::string& out) {
  if (c == '<') {
    state_ = State::tag_open;
    held_.clear();
  } else if (c == '&') {
    state_ = State::entity;
    held_.clear();
  } else if (c == '\n' && preformatted_ > 0) {
    put_line_end(out);
  } else {
    put(is_space(c) ? std::string_view(" ") : std::string_view(&c, 1), out);
  }
}

void HtmlText::take_entity(char c, std::string& out) {
  const bool goes_on = base::is_alpha(c) || base::is_digit(c) || (c == '#' && held_.empty());
  if (goes_on && held_.size() < kMostEntity) {
    held_.push_back(c);
    return;
  }
  state_ = State::text;
  const std::string name = std::exchange(held_, {});
  if (const char32_t character = html_entity(name, c == ';'); character != 0) {
    std::string text;
    base::append_utf8(text, character == '\n' ? U' ' : character);
    put(text, out);
    if (c == ';') return;
  } else {
    put("&" + name, out);
  }
  take_text(c, out);
}

void HtmlText::take_tag_open(char c, std::string& out) {
  if (base::is_alpha(c) || (c == '/' && held_.empty())) {
    held_.push_back(c);
    if (c == '/') return;
    quote_ = Quote::none;
    state_ = State::tag;
  } else if (held_ == "/") {
    state_ = c == '>' ? State::text : State::declaration;
  } else if (c == '!') {
    state_ = State::markup;
  } else if (c == '?') {
    state_ = State::declaration;
  } else {  // it was a "less than"
    state_ = State::text;
    put("<", out);
    take_text(c, out);
  }
}

// Behind "<!".
void HtmlText::take_markup(char c) {
  if (c == '-' && held_.empty()) {
    held_.push_back(c);
  } else if (c == '-') {
    state_ = State::comment;
    dashes_ = 2;  // HTML Standard §13.2.5.43: "<!-->" is a comment
  } else {
    state_ = c == '>' ? State::text : State::declaration;
  }
}

void HtmlText::take_comment(char c) noexcept {
  if (c == '>' && dashes_ >= 2) {
    state_ = State::text;
  } else if (c == '-') {
    ++dashes_;
  } else if (c != '!' || dashes_ < 2) {  // "--!>" ends it too
    dashes_ = 0;
  }
}

// HTML Standard §13.2.5.8 to §13.2.5.40, as far as the end of the tag hangs on it.
void HtmlText::take_tag(char c, std::string& out) {
  switch (quote_) {
    case Quote::double_quotes:
    case Quote::single_quotes:
      if (c == (quote_ == Quote::double_quotes ? '"' : '\'')) quote_ = Quote::none;
      break;
    case Quote::expected:
      if (is_space(c)) break;
      if (c == '>') return end_tag(out);
      quote_ = c == '"' ? Quote::double_quotes : c == '\'' ? Quote::single_quotes : Quote::unquoted;
      break;
    case Quote::unquoted:
      if (c == '>') return end_tag(out);
      if (is_space(c)) quote_ = Quote::none;
      break;
    case Quote::none:
      if (c == '>') return end_tag(out);
      if (c == '=') quote_ = Quote::expected;
      break;
  }
  if (held_.size() < kMostTag) held_.push_back(c);
}

void HtmlText::take_raw(char c) {
  const auto expected = [this] { return matched_ == 0 ? '<' : matched_ == 1 ? '/' : raw_[matched_ - 2]; };
  if (matched_ == raw_.size() + 2) {
    if (c == '>' || c == '/' || is_space(c)) {
      held_.clear();
      state_ = c == '>' ? State::text : State::declaration;
      return;
    }
    matched_ = 0;
  }
  if (base::to_lower(c) == expected()) {
    ++matched_;
  } else {
    matched_ = c == '<' ? 1 : 0;
  }
}

void HtmlText::end_tag(std::string& out) {
  state_ = State::text;
  std::string_view rest = held_;
  const bool is_end = rest.starts_with('/');
  if (is_end) rest.remove_prefix(1);
  std::size_t size = 0;
  while (size < rest.size() && !is_space(rest[size]) && rest[size] != '/') ++size;
  const std::string name = base::to_lower(rest.substr(0, size));
  rest.remove_prefix(size);
  if (contains(kBlocks, name)) put_line_end(out);
  if (name == "td" || name == "th") put(" ", out);
  if (is_end) {
    close_element(name, out);
  } else {
    open_element(name, rest, rest.ends_with('/'), out);
  }
  if (name == "pre") {
    if (is_end && preformatted_ > 0) --preformatted_;
    if (!is_end) ++preformatted_;
  }
}

void HtmlText::open_element(std::string_view name, std::string_view attributes, bool is_closed, std::string& out) {
  for (Region& region : regions_) {
    // "<svg/>" has no end tag; "<div/>" has one, whatever its slash says.
    if (region.name == name && !(is_closed && region.kind == Kind::skipped)) ++region.depth;
  }
  bool is_hidden = false;
  bool is_quoted = name == "blockquote";
  bool has_rule = name == "hr";
  while (const auto attribute = take_attribute(attributes)) {
    if (base::equals_ignoring_case(attribute->name, "style")) {
      std::string style = base::to_lower(attribute->value);
      style.erase(std::remove_if(style.begin(), style.end(), is_space), style.end());
      is_hidden = is_hidden || hides(style);
      // Outlook's line above the header of the message that it quotes.
      has_rule = has_rule || style.find("border-top:solid") != std::string::npos;
    } else if (base::equals_ignoring_case(attribute->name, "hidden")) {
      is_hidden = true;
    } else if (base::equals_ignoring_case(attribute->name, "class")) {
      is_quoted = is_quoted || has_quoted_name(attribute->value);
    } else if (name == "img" && base::equals_ignoring_case(attribute->name, "alt") && !is_within(Kind::skipped) &&
               pictures_.size() + attribute->value.size() < kMostPictures) {
      pictures_.append(attribute->value).push_back(' ');
    }
  }
  if (has_rule) {
    put_line_end(out);
    put("----------", out);
    put_line_end(out);
  }
  if (contains(kRaw, name)) {
    // Also "<script/>": HTML knows no such thing.
    raw_ = name;
    matched_ = 0;
    state_ = State::raw;
    return;
  }
  if (contains(kVoid, name)) return;
  if (contains(kSkipped, name)) {
    if (!is_closed) enter(name, Kind::skipped);
  } else if (is_hidden) {
    enter(name, Kind::hidden);
  } else if (is_quoted) {
    put_line_end(out);
    enter(name, Kind::quoted);
  }
}

void HtmlText::close_element(std::string_view name, std::string& out) {
  const bool was_hidden = is_within(Kind::hidden);
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    if (regions_[i].name != name || --regions_[i].depth > 0) continue;
    regions_.erase(regions_.begin() + static_cast<std::ptrdiff_t>(i), regions_.end());
    break;
  }
  if (was_hidden && !is_within(Kind::hidden) && in_preheader_) {
    in_preheader_ = false;
    has_text_ = true;
    put_line_end(out);
  }
}

void HtmlText::enter(std::string_view name, Kind kind) {
  if (regions_.size() < kMostRegions) regions_.push_back({std::string(name), kind});
}

bool HtmlText::is_within(Kind kind) const noexcept {
  return std::any_of(regions_.begin(), regions_.end(), [kind](const Region& region) { return region.kind == kind; });
}

void HtmlText::put(std::string_view text, std::string& out) {
  if (text.empty()) return;
  if (!regions_.empty()) {
    if (is_within(Kind::skipped)) return;
    if (is_within(Kind::hidden) && has_text_) return;
  }
  if (at_line_start_) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (text.empty()) return;
  }
  if (!std::all_of(text.begin(), text.end(), is_space)) {
    if (is_within(Kind::hidden)) {
      in_preheader_ = true;
    } else {
      has_text_ = true;
    }
  }
  if (at_line_start_ && is_within(Kind::quoted)) out.push_back('>');
  at_line_start_ = false;
  out.append(text);
}

void HtmlText::put_line_end(std::string& out) {
  if (at_line_start_) return;
  out.push_back('\n');
  at_line_start_ = true;
}

}  // namespace postfach::message
