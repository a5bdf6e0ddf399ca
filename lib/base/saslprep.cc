#include "saslprep.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "ascii.h"
#include "utf8.h"

namespace postfach::base {
namespace {

struct Range {
  std::int32_t first;
  std::int32_t last;
};

// RFC 3454 C.1.2. U+200B is in B.1 too; as a space it is mapped first.
constexpr std::array kSpaces = {Range{0xA0, 0xA0},     Range{0x1680, 0x1680}, Range{0x2000, 0x200B},
                                Range{0x202F, 0x202F}, Range{0x205F, 0x205F}, Range{0x3000, 0x3000}};

// RFC 3454 B.1
constexpr std::array kNothing = {
    Range{0xAD, 0xAD},     Range{0x34F, 0x34F},   Range{0x1806, 0x1806}, Range{0x180B, 0x180D},
    Range{0x200B, 0x200D}, Range{0x2060, 0x2060}, Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF},
};

// RFC 3454 C.1.2 and C.2.1 to C.9, joined and sorted. Surrogates (C.5) are not UTF-8; the last two code points of each
// plane (C.4) are looked for by arithmetic.
constexpr std::array kProhibited = {
    Range{0x0, 0x1F},        Range{0x7F, 0xA0},         Range{0x340, 0x341},     Range{0x6DD, 0x6DD},
    Range{0x70F, 0x70F},     Range{0x1680, 0x1680},     Range{0x180E, 0x180E},   Range{0x2000, 0x200F},
    Range{0x2028, 0x202F},   Range{0x205F, 0x2063},     Range{0x206A, 0x206F},   Range{0x2FF0, 0x2FFB},
    Range{0x3000, 0x3000},   Range{0xE000, 0xF8FF},     Range{0xFDD0, 0xFDEF},   Range{0xFEFF, 0xFEFF},
    Range{0xFFF9, 0xFFFD},   Range{0x1D173, 0x1D17A},   Range{0xE0001, 0xE0001}, Range{0xE0020, 0xE007F},
    Range{0xF0000, 0xFFFFD}, Range{0x100000, 0x10FFFD},
};

template <std::size_t Size>
bool is_in(const std::array<Range, Size>& ranges, std::int32_t code_point) noexcept {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code_point](Range range) { return range.first <= code_point && code_point <= range.last; });
}

bool is_prohibited(std::int32_t code_point) noexcept {
  return is_in(kProhibited, code_point) || (code_point & 0xFFFE) == 0xFFFE;
}

// The code point at the beginning of UTF-8 text that is not empty; takes it away.
std::int32_t take(std::string_view& text) noexcept {
  utf8proc_int32_t code_point = 0;
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  text.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : 1);
  return code_point;
}

// RFC 4013 §2.1
std::string map(std::string_view text) {
  std::string mapped;
  mapped.reserve(text.size());
  while (!text.empty()) {
    const std::string_view from = text;
    const std::int32_t code_point = take(text);
    if (is_in(kSpaces, code_point)) {
      mapped += ' ';
    } else if (!is_in(kNothing, code_point)) {
      mapped += from.substr(0, from.size() - text.size());
    }
  }
  return mapped;
}

// RFC 3454 §6: text with a letter that runs from right to left has none that runs the other way, and begins and ends
// with one.
bool is_one_way(std::string_view text) noexcept {
  bool has_left = false;
  bool has_right = false;
  bool begins_right = false;
  bool ends_right = false;
  for (bool is_first = true; !text.empty(); is_first = false) {
    const auto direction = utf8proc_get_property(take(text))->bidi_class;
    ends_right = direction == UTF8PROC_BIDI_CLASS_R || direction == UTF8PROC_BIDI_CLASS_AL;
    has_right = has_right || ends_right;
    has_left = has_left || direction == UTF8PROC_BIDI_CLASS_L;
    if (is_first) begins_right = ends_right;
  }
  return !has_right || (!has_left && begins_right && ends_right);
}

}  // namespace

std::optional<std::string> saslprep(std::string_view text) {
  if (is_ascii(text)) {
    if (text.empty() || std::any_of(text.begin(), text.end(), is_ctl)) return std::nullopt;
    return std::string(text);
  }
  if (!is_utf8(text)) return std::nullopt;
  std::string prepared = normalize_compatibility(map(text));
  if (prepared.empty() || !is_one_way(prepared)) return std::nullopt;
  for (std::string_view rest = prepared; !rest.empty();) {
    if (is_prohibited(take(rest))) return std::nullopt;
  }
  return prepared;
}

}  // namespace postfach::base
