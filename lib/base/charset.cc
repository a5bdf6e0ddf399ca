#include "charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "ascii.h"
#include "utf8.h"

namespace postfach::base {
namespace {

constexpr std::size_t kLongestName = 40;  // the longest registered by IANA has 45, none of use

enum class Method {
  utf8,        // only to be checked
  western,     // windows-1252
  undeclared,  // UTF-8 if it is, else windows-1252
  iconv,
  unknown,
};

struct Alias {
  std::string_view name;  // lower case
  Method method;
  std::string_view iconv_name = {};
};

// Names of real mail that iconv doesn't know, or whose registered meaning is narrower than what senders mean
// by them.
constexpr std::array kAliases = {
    Alias{"", Method::undeclared},
    Alias{"us-ascii", Method::undeclared},
    Alias{"ascii", Method::undeclared},
    Alias{"ansi_x3.4-1968", Method::undeclared},
    Alias{"iso646-us", Method::undeclared},
    Alias{"unknown-8bit", Method::undeclared},
    Alias{"x-unknown", Method::undeclared},
    Alias{"unknown", Method::undeclared},
    Alias{"8bit", Method::undeclared},
    Alias{"x-user-defined", Method::undeclared},
    Alias{"default_charset", Method::undeclared},
    Alias{"utf-8", Method::utf8},
    Alias{"utf8", Method::utf8},
    Alias{"utf_8", Method::utf8},
    Alias{"unicode-1-1-utf-8", Method::utf8},
    Alias{"iso-8859-1", Method::western},
    Alias{"iso8859-1", Method::western},
    Alias{"iso_8859-1", Method::western},
    Alias{"iso_8859-1:1987", Method::western},
    Alias{"iso88591", Method::western},
    Alias{"latin1", Method::western},
    Alias{"latin-1", Method::western},
    Alias{"l1", Method::western},
    Alias{"windows-1252", Method::western},
    Alias{"cp1252", Method::western},
    Alias{"cp-1252", Method::western},
    Alias{"x-cp1252", Method::western},
    Alias{"iso-8859-8-i", Method::iconv, "ISO-8859-8"},
    Alias{"iso-8859-8-e", Method::iconv, "ISO-8859-8"},
    Alias{"iso-8859-6-i", Method::iconv, "ISO-8859-6"},
    Alias{"iso-8859-6-e", Method::iconv, "ISO-8859-6"},
    Alias{"iso-8859-9", Method::iconv, "CP1254"},
    Alias{"iso-8859-11", Method::iconv, "CP874"},
    Alias{"tis-620", Method::iconv, "CP874"},
    Alias{"windows-874", Method::iconv, "CP874"},
    Alias{"ks_c_5601-1987", Method::iconv, "CP949"},
    Alias{"ks_c_5601-1989", Method::iconv, "CP949"},
    Alias{"ks_c_5601", Method::iconv, "CP949"},
    Alias{"ksc5601", Method::iconv, "CP949"},
    Alias{"ksc_5601", Method::iconv, "CP949"},
    Alias{"ks-c5601-1987", Method::iconv, "CP949"},
    Alias{"euc-kr", Method::iconv, "CP949"},
    Alias{"windows-949", Method::iconv, "CP949"},
    Alias{"gb2312", Method::iconv, "GB18030"},
    Alias{"gb_2312-80", Method::iconv, "GB18030"},
    Alias{"gb2312_charset", Method::iconv, "GB18030"},
    Alias{"chinesegb", Method::iconv, "GB18030"},
    Alias{"euc-cn", Method::iconv, "GB18030"},
    Alias{"gbk", Method::iconv, "GB18030"},
    Alias{"x-gbk", Method::iconv, "GB18030"},
    Alias{"cp936", Method::iconv, "GB18030"},
    Alias{"windows-936", Method::iconv, "GB18030"},
    Alias{"big5-eten", Method::iconv, "BIG5"},
    Alias{"x-x-big5", Method::iconv, "BIG5"},
    Alias{"chinesebig5", Method::iconv, "BIG5"},
    Alias{"shift_jis", Method::iconv, "CP932"},
    Alias{"shift-jis", Method::iconv, "CP932"},
    Alias{"sjis", Method::iconv, "CP932"},
    Alias{"x-sjis", Method::iconv, "CP932"},
    Alias{"windows-31j", Method::iconv, "CP932"},
    Alias{"x-euc-jp", Method::iconv, "EUC-JP"},
    Alias{"unicode-1-1-utf-7", Method::iconv, "UTF-7"},
    Alias{"x-mac-roman", Method::iconv, "MACINTOSH"},
    Alias{"x-macroman", Method::iconv, "MACINTOSH"},
    Alias{"cp-850", Method::iconv, "CP850"},
    // What iconv implementations mean by these depends on the process: its locale or its memory layout.
    Alias{"char", Method::unknown},
    Alias{"wchar_t", Method::unknown},
    Alias{"internal", Method::unknown},
};

struct Charset {
  Method method = Method::unknown;
  std::string iconv_name;
};

// A word of letters, digits and the few marks that registered names have. Everything that has a meaning for
// iconv itself ("//", ",") is left out, and so is NUL.
bool is_plain_name(std::string_view name) noexcept {
  bool has_letter = false;
  for (const char c : name) {
    const bool alphanumeric = is_alpha(c) || is_digit(c);
    if (!alphanumeric && c != '-' && c != '_' && c != '.' && c != ':') return false;
    has_letter = has_letter || alphanumeric;
  }
  return has_letter && name.size() <= kLongestName;
}

Charset find_charset(std::string_view given) {
  const std::string_view trimmed = trim(given);
  if (!trimmed.empty() && !is_plain_name(trimmed)) return {};
  std::string name = to_lower(trimmed);
  const auto alias =
      std::find_if(kAliases.begin(), kAliases.end(), [&name](const Alias& known) { return known.name == name; });
  if (alias == kAliases.end()) return {Method::iconv, std::move(name)};
  return {alias->method, std::string(alias->iconv_name)};
}

// The upper half of windows-1252 is that of ISO 8859-1 except for these, 0x80 to 0x9F; 0 is undefined.
constexpr std::array<std::uint16_t, 32> kWestern = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::string western_to_utf8(std::string_view octets) {
  std::string text;
  text.reserve(octets.size() + octets.size() / 8);
  for (const char c : octets) {
    std::uint32_t code_point = static_cast<unsigned char>(c);
    if (code_point < 0x80) {
      text += c;
      continue;
    }
    if (code_point < 0xA0) code_point = kWestern[code_point - 0x80];
    if (code_point == 0) {
      text += kReplacementCharacter;
    } else if (code_point < 0x800) {
      text += static_cast<char>(0xC0U | code_point >> 6U);
      text += static_cast<char>(0x80U | (code_point & 63U));
    } else {
      text += static_cast<char>(0xE0U | code_point >> 12U);
      text += static_cast<char>(0x80U | (code_point >> 6U & 63U));
      text += static_cast<char>(0x80U | (code_point & 63U));
    }
  }
  return text;
}

class Converter {
 public:
  explicit Converter(const std::string& charset) noexcept : handle_(::iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (is_open()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  bool is_open() const noexcept { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // Appends to text. unit: how many octets to leave out where no character can be read. Returns how many octets at the
  // end are the beginning of a character only.
  std::size_t convert(std::string_view octets, std::size_t unit, std::string& text) {
    char* in = const_cast<char*>(octets.data());  // iconv does not write there
    std::size_t left = octets.size();
    while (left > 0) {
      const std::size_t before = left;
      switch (step(text, &in, &left)) {
        case 0:
          break;
        case E2BIG:
          // Room for any one character was there: no progress means that the converter is stuck.
          if (left == before && !grew_) left = 0;
          break;
        case EILSEQ: {
          text += kReplacementCharacter;
          const std::size_t skipped = std::min(unit, left);
          in += skipped;
          left -= skipped;
          break;
        }
        default:  // EINVAL: the last character is cut off
          return left;
      }
    }
    return 0;
  }

  // Behind the last octet: a character may have waited for a combining one.
  void finish(std::string& text) { step(text, nullptr, nullptr); }

 private:
  // One call of iconv into a buffer of fixed size; its error number, or 0.
  int step(std::string& text, char** in, std::size_t* left) {
    std::array<char, 4096> buffer;
    char* out = buffer.data();
    std::size_t room = buffer.size();
    const bool failed = ::iconv(handle_, in, left, &out, &room) == static_cast<std::size_t>(-1);
    const int error = failed ? errno : 0;
    text.append(buffer.data(), out);
    grew_ = out != buffer.data();
    return error;
  }

  iconv_t handle_;
  bool grew_ = false;
};

std::size_t unit_of(std::string_view name) noexcept {
  if (starts_with_ignoring_case(name, "utf-16") || starts_with_ignoring_case(name, "ucs-2")) return 2;
  if (starts_with_ignoring_case(name, "utf-32") || starts_with_ignoring_case(name, "ucs-4")) return 4;
  return 1;
}

// How many octets at the end may be the beginning of a longer UTF-8 sequence.
std::size_t cut_sequence(std::string_view octets) noexcept {
  for (std::size_t size = 1; size <= 3 && size <= octets.size(); ++size) {
    const auto octet = static_cast<unsigned char>(octets[octets.size() - size]);
    if ((octet & 0xC0U) == 0x80) continue;
    const std::size_t whole = octet < 0xC0 ? 1 : octet < 0xE0 ? 2 : octet < 0xF0 ? 3 : 4;
    return whole > size ? size : 0;
  }
  return 0;
}

}  // namespace

std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset) {
  const Charset found = find_charset(charset);
  switch (found.method) {
    case Method::unknown:
      return std::nullopt;
    case Method::utf8:
      return replace_invalid_utf8(octets);
    case Method::western:
      return western_to_utf8(octets);
    case Method::undeclared:
      return is_utf8(octets) ? std::string(octets) : western_to_utf8(octets);
    case Method::iconv:
      break;
  }
  Converter converter(found.iconv_name);
  if (!converter.is_open()) return std::nullopt;
  std::string text;
  text.reserve(octets.size() + octets.size() / 2);
  if (converter.convert(octets, unit_of(found.iconv_name), text) > 0) text += kReplacementCharacter;
  converter.finish(text);
  // Some converters let numbers above U+10FFFF through.
  return is_utf8(text) ? std::move(text) : replace_invalid_utf8(text);
}

bool is_known_charset(std::string_view charset) {
  const Charset found = find_charset(charset);
  if (found.method != Method::iconv) return found.method != Method::unknown;
  return Converter(found.iconv_name).is_open();
}

struct Utf8Converter::State {
  Method method = Method::utf8;
  std::optional<Converter> converter;
  std::size_t unit = 1;
  std::string rest;    // the octets of a character whose end is still to come
  std::string joined;  // rest and the piece behind it
  std::string text;
};

Utf8Converter::Utf8Converter(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Utf8Converter::Utf8Converter(Utf8Converter&&) noexcept = default;
Utf8Converter& Utf8Converter::operator=(Utf8Converter&&) noexcept = default;
Utf8Converter::~Utf8Converter() = default;

std::optional<Utf8Converter> Utf8Converter::open(std::string_view charset) {
  const Charset found = find_charset(charset);
  if (found.method == Method::unknown) return std::nullopt;
  auto state = std::make_unique<State>();
  state->method = found.method;
  if (found.method == Method::iconv) {
    state->converter.emplace(found.iconv_name);
    if (!state->converter->is_open()) return std::nullopt;
    state->unit = unit_of(found.iconv_name);
  }
  return Utf8Converter(std::move(state));
}

std::string_view Utf8Converter::convert(std::string_view octets, bool last) {
  State& state = *state_;
  if (!state.rest.empty()) {
    state.joined.assign(state.rest).append(octets);
    octets = state.joined;
    state.rest.clear();
  }
  if (state.converter) {
    state.text.clear();
    const std::size_t left = state.converter->convert(octets, state.unit, state.text);
    if (last) {
      if (left > 0) state.text += kReplacementCharacter;
      state.converter->finish(state.text);
    } else {
      state.rest = octets.substr(octets.size() - left);
    }
    if (!is_utf8(state.text)) state.text = replace_invalid_utf8(state.text);
    return state.text;
  }
  if (state.method != Method::western) {
    const std::size_t left = last ? 0 : cut_sequence(octets);
    const std::string_view whole = octets.substr(0, octets.size() - left);
    const bool valid = is_utf8(whole);
    if (valid || state.method == Method::utf8) {
      state.rest = octets.substr(whole.size());
      if (valid) return whole;
      return state.text = replace_invalid_utf8(whole);
    }
    state.method = Method::western;
  }
  return state.text = western_to_utf8(octets);
}

}  // namespace postfach::base
