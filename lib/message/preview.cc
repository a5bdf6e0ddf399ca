#include "preview.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/charset.h"
#include "header.h"
#include "html_text.h"
#include "parameters.h"
#include "preview_text.h"
#include "transfer_decoder.h"

namespace postfach::message {
namespace {

// Most texts say what is needed in the first piece.
constexpr std::size_t kFirstPiece = 4 * 1024;
constexpr std::size_t kNextPiece = 16 * 1024;
// Converted before it is asked whether there is enough.
constexpr std::size_t kHtmlAtOnce = 1024;
// Of a part's header.
constexpr std::uint64_t kMostHeader = 8 * 1024;
// Texts that are looked into; the second is for a first one that says nothing.
constexpr int kMostTexts = 4;
// Whoever says that this is an HTML message does so in fewer words.
constexpr std::size_t kMostPlaceholder = 200;

enum class Form : std::uint8_t { none, plain, html };

// Of text/*, by subtype: text in a notation for machines is not shown.
Form form_of(std::string_view subtype) noexcept {
  for (const std::string_view other : {"html", "enriched", "richtext"}) {
    if (base::equals_ignoring_case(subtype, other)) return Form::html;
  }
  for (const std::string_view other :
       {"calendar", "vcard", "x-vcard", "directory", "css", "rtf", "x-amp-html", "xml", "javascript", "x-watch-html"}) {
    if (base::equals_ignoring_case(subtype, other)) return Form::none;
  }
  return Form::plain;
}

// What its header says about a part of type text. That of a whole message is not read: its type is known well enough,
// and it is as long as a text.
Form form_of(const Part& part, std::string_view header) {
  if (const auto field = find_field(header, "Content-Disposition")) {
    if (base::equals_ignoring_case(parse_content_disposition(field->value, 0).type, "attachment")) return Form::none;
  }
  if (part.is_html) return Form::html;
  const auto field = find_field(header, "Content-Type");
  return field ? form_of(parse_content_type(field->value, 0).subtype) : Form::plain;
}

base::Utf8Converter open_converter(std::string_view charset) {
  if (std::optional<base::Utf8Converter> converter = base::Utf8Converter::open(charset)) return *std::move(converter);
  return *base::Utf8Converter::open("us-ascii");
}

class Maker {
 public:
  explicit Maker(const ReadRange& read) noexcept : read_(read) {}

  Result<std::string> run(const Sections& sections) {
    int texts = 0;
    for (const Part& part : sections.parts()) {
      if (part.kind != PartKind::leaf || !part.is_text || part.body.size == 0) continue;
      if (texts == kMostTexts || budget_ == 0) break;
      auto done = take_text(part, texts);
      if (!done) return std::move(done).error();
      if (*done) break;
    }
    for (std::string* text : {&own_, &quoted_, &other_}) {
      if (!text->empty()) return std::move(*text);
    }
    return std::string();
  }

 private:
  // True: nothing better is to be expected.
  Result<bool> take_text(const Part& part, int& texts) {
    Form form = part.is_html ? Form::html : Form::plain;
    if (!part.section.empty()) {
      const std::uint64_t size = std::min({part.header.size, kMostHeader, std::uint64_t{budget_}});
      const auto header = read({part.header.offset, size});
      if (!header) return header.error();
      form = form_of(part, *header);
    }
    if (form == Form::none) return false;
    ++texts;
    PreviewText text(kPreviewCharacters);
    std::string pictures;
    if (auto done = extract(part, form, text, pictures); !done) return std::move(done).error();
    if (text.is_unreadable() && text.own().empty()) return false;
    keep(own_, text.own());
    keep(quoted_, text.quoted());
    keep(other_, text.other());
    if (!pictures.empty()) {
      HtmlText html;  // of attributes, whose references are still there
      std::string plain;
      html.feed(pictures, plain);
      OneLine line(kPreviewCharacters);
      line.add(plain);
      keep(other_, line.text());
    }
    // "Your program can't show HTML": then the next text may say more, and if not, this stays.
    is_placeholder_ = form == Form::plain && own_.size() < kMostPlaceholder && own_.find("HTML") != std::string::npos;
    return !own_.empty() && !is_placeholder_;
  }

  void keep(std::string& kept, const std::string& text) const {
    if (kept.empty() || (is_placeholder_ && !text.empty())) kept = text;
  }

  Result<std::string_view> read(Range range) {
    budget_ -= static_cast<std::size_t>(range.size);
    return range.size == 0 ? Result<std::string_view>(std::string_view()) : read_(range);
  }

  Result<void> extract(const Part& part, Form form, PreviewText& text, std::string& pictures) {
    TransferDecoder decoder(part.encoding);
    base::Utf8Converter converter = open_converter(part.charset);
    HtmlText html;
    std::string decoded;
    std::string plain;
    std::size_t piece = kFirstPiece;
    for (std::uint64_t at = 0; at < part.body.size && budget_ > 0 && !text.is_complete();) {
      const std::uint64_t size = std::min({part.body.size - at, std::uint64_t{piece}, std::uint64_t{budget_}});
      const auto octets = read({part.body.offset + at, size});
      if (!octets) return octets.error();
      at += size;
      piece = kNextPiece;
      const bool last = at == part.body.size || budget_ == 0;
      std::string_view words = converter.convert(decoder.decode(*octets, last, decoded), last);
      if (form == Form::plain) {
        text.feed(words);
        continue;
      }
      while (!words.empty() && !text.is_complete()) {
        const std::string_view some = words.substr(0, kHtmlAtOnce);
        words.remove_prefix(some.size());
        plain.clear();
        html.feed(some, plain);
        text.feed(plain);
      }
    }
    plain.clear();
    html.finish(plain);
    text.feed(plain);
    text.finish();
    pictures = html.pictures();
    return {};
  }

  const ReadRange& read_;
  std::size_t budget_ = kPreviewOctets;
  std::string own_;
  std::string quoted_;
  std::string other_;
  bool is_placeholder_ = false;  // own_ only says that there is something else
};

}  // namespace

Result<std::string> make_preview(std::string_view sections, const ReadRange& read) {
  return Maker(read).run(Sections(sections));
}

}  // namespace postfach::message
