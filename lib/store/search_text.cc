#include "search_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/utf8.h"
#include "message/decode.h"
#include "message/header.h"
#include "message/parameters.h"
#include "message/transfer_decoder.h"

namespace postfach::store {
namespace {

// Whether ASCII octets always mean themselves in a charset, so that most mail needs no conversion.
bool keeps_ascii(std::string_view charset) noexcept {
  for (const std::string_view name : {"", "us-ascii", "utf-8", "utf8"}) {
    if (base::equals_ignoring_case(charset, name)) return true;
  }
  return base::starts_with_ignoring_case(charset, "iso-8859-") ||
         base::starts_with_ignoring_case(charset, "windows-125");
}

bool is_space(char c) noexcept { return base::is_wsp(c) || c == '\r' || c == '\n'; }

// What must be done about a field's value before it can be searched.
struct Traits {
  bool is_spaced = false;  // has white space beside single spaces
  bool has_equals = false;
  bool is_foreign = false;  // not ASCII
};

// Compilers make vector instructions of what is said of these, on every machine that has them.
using Block = std::uint8_t __attribute__((vector_size(16)));
constexpr std::size_t kBlock = sizeof(Block);

bool has_any(const Block& hits) noexcept {
  std::array<std::uint64_t, 2> words;
  std::memcpy(words.data(), &hits, sizeof hits);
  return (words[0] | words[1]) != 0;
}

Traits traits_of(std::string_view value) noexcept {
  Block spaced = {};
  Block equals = {};
  Block all = {};
  const auto look_at = [&](const char* octets) {
    Block here;
    Block next;
    std::memcpy(&here, octets, kBlock);
    std::memcpy(&next, octets + 1, kBlock);
    spaced |=
        reinterpret_cast<Block>((here == '\t') | (here == '\r') | (here == '\n') | ((here == ' ') & (next == ' ')));
    equals |= reinterpret_cast<Block>(here == '=');
    all |= here;
  };
  std::size_t at = 0;
  for (; at + kBlock < value.size(); at += kBlock) look_at(value.data() + at);
  std::array<char, 2 * kBlock> end{};
  value.copy(end.data(), kBlock, at);
  look_at(end.data());
  return {.is_spaced = has_any(spaced), .has_equals = has_any(equals), .is_foreign = has_any(all & 0x80)};
}

// Runs of white space become one space.
void collapse_space(std::string& text) {
  std::size_t size = 0;
  for (const char c : text) {
    if (!is_space(c)) {
      text[size++] = c;
    } else if (size == 0 || text[size - 1] != ' ') {
      text[size++] = ' ';
    }
  }
  text.resize(size);
}

base::Utf8Converter open_converter(std::string_view charset) {
  if (std::optional<base::Utf8Converter> converter = base::Utf8Converter::open(charset)) return *std::move(converter);
  // An unknown charset is read as UTF-8 where it is that (as message::decode_text does).
  return *base::Utf8Converter::open("us-ascii");
}

}  // namespace

std::string_view field_text(std::string_view value, std::string& scratch) {
  while (!value.empty() && base::is_wsp(value.front())) value.remove_prefix(1);
  const Traits traits = traits_of(value);
  std::string unfolded;
  if (traits.is_spaced) value = unfolded = message::unfold(value);
  if (traits.is_foreign || (traits.has_equals && value.find("=?") != std::string_view::npos)) {
    message::decode_encoded_words(value, scratch);
    if (!traits.is_spaced && !traits_of(scratch).is_spaced) return scratch;
  } else if (traits.is_spaced) {
    scratch.swap(unfolded);
  } else {
    return value;
  }
  collapse_space(scratch);
  return scratch;
}

std::string fold_field(std::string_view text, Comparator comparator) {
  std::string collapsed(text);
  collapse_space(collapsed);
  return folded(collapsed, comparator);
}

void remove_quoting(std::string& text) {
  // Few octets go: the pieces between them are moved as a whole.
  for (const char quoting : {'"', '\\'}) {
    std::size_t size = text.find(quoting);
    for (std::size_t at = size; at < text.size();) {
      const std::size_t next = std::min(text.find(quoting, at + 1), text.size());
      std::memmove(text.data() + size, text.data() + at + 1, next - at - 1);
      size += next - at - 1;
      at = next;
    }
    if (size < text.size()) text.resize(size);
  }
}

bool has_quoting(std::string_view text) noexcept {
  return text.find('"') != std::string_view::npos || text.find('\\') != std::string_view::npos;
}

bool is_address_field(std::string_view name) noexcept {
  for (const std::string_view known : {"From", "To", "Cc", "Bcc", "Sender", "Reply-To"}) {
    if (base::equals_ignoring_case(name, known)) return true;
  }
  return false;
}

bool scan_header(std::string_view block, TextSink& scan, bool foreign_only) {
  // Fields are short: many of them are searched at once.
  constexpr std::size_t kMostGathered = 16 * 1024;
  bool wanted = true;
  std::string scratch;
  std::string text;
  scan.begin();
  message::for_each_line(block, [&](const message::HeaderField& field) {
    if (foreign_only && Glimpse::is_plain(field.whole)) return true;
    if (field.name.empty()) {
      text.append(field_text(field.whole, scratch));
    } else {
      text.append(field.name).append(": ").append(field_text(field.value, scratch));
    }
    text.push_back('\n');
    if (text.size() < kMostGathered) return true;
    wanted = scan.feed(text);
    text.clear();
    return wanted;
  });
  return wanted && scan.feed(text) && scan.finish();
}

Result<bool> scan_body(const message::Part& part, SearchSource& source, TextSink& scan) {
  message::TransferDecoder transfer(part.encoding);
  std::string decoded;
  std::optional<base::Utf8Converter> converter;
  const bool ascii_is_text = keeps_ascii(part.charset);
  scan.begin();
  for (std::uint64_t at = 0; at < part.body.size; at += kSearchWindow) {
    const std::uint64_t size = std::min(part.body.size - at, kSearchWindow);
    const bool last = at + size == part.body.size;
    const Result<std::string_view> octets = source.read(part.body.offset + at, size);
    if (!octets) return octets.error();
    std::string_view text = transfer.decode(*octets, last, decoded);
    if (converter || !ascii_is_text || !base::is_ascii(text)) {
      if (!converter) converter = open_converter(part.charset);
      text = converter->convert(text, last);
    }
    if (!scan.feed(text)) return false;
  }
  return scan.finish();
}

Result<bool> is_searched(const message::Part& part, SearchSource& source) {
  if (part.kind != message::PartKind::leaf) return false;
  if (part.is_text) return true;
  const Result<std::string_view> block = source.read(part.header.offset, std::min(part.header.size, kSearchWindow));
  if (!block) return block.error();
  const std::optional<message::HeaderField> type = message::find_field(*block, "Content-Type");
  return type && base::equals_ignoring_case(message::parse_content_type(type->value, 0).type, "message");
}

}  // namespace postfach::store
