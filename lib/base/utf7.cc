#include "utf7.h"

#include <algorithm>
#include <cstdint>

#include "base64.h"
#include "utf8.h"

namespace postfach::base {
namespace {

// What stands for itself; "&" is the exception that has a form of its own.
bool is_direct(unsigned char c) { return c >= 0x20 && c <= 0x7E; }

// One code point of valid UTF-8.
char32_t next_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(length);
  return code;
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&out](char32_t octet) { out += static_cast<char>(static_cast<unsigned char>(octet)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

void append_unit(std::string& utf16, char32_t unit) {
  utf16 += static_cast<char>(static_cast<unsigned char>(unit >> 8));
  utf16 += static_cast<char>(static_cast<unsigned char>(unit & 0xFF));
}

// One run of modified base64, between "&" and "-".
bool append_run(std::string& out, std::string_view run) {
  std::string text(run);
  if (text.find_first_of("/=") != std::string::npos) return false;
  std::replace(text.begin(), text.end(), ',', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  const auto utf16 = base64_decode(text);
  if (!utf16 || utf16->size() % 2 != 0) return false;

  const auto unit_at = [&utf16](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>((*utf16)[i]) << 8 |
                                 static_cast<unsigned char>((*utf16)[i + 1]));
  };
  for (std::size_t i = 0; i < utf16->size(); i += 2) {
    char32_t code = unit_at(i);
    if (code == 0 || (code >= 0xDC00 && code <= 0xDFFF)) return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
      i += 2;
      if (i == utf16->size()) return false;
      const char32_t low = unit_at(i);
      if (low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
  }
  return true;
}

}  // namespace

std::optional<std::string> utf7_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool has_runs = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_direct(static_cast<unsigned char>(text[i]))) return std::nullopt;
    if (text[i] != '&') {
      out += text[i];
      continue;
    }
    const std::size_t end = text.find('-', i + 1);
    if (end == std::string_view::npos) return std::nullopt;
    if (end == i + 1) {
      out += '&';
    } else {
      if (!append_run(out, text.substr(i + 1, end - i - 1))) return std::nullopt;
      has_runs = true;
    }
    i = end;
  }
  // Every other form of the same name: set padding bits, plain ASCII in base64, a run that was cut in two.
  if (has_runs && utf7_encode(out) != text) return std::nullopt;
  return out;
}

std::string utf7_encode(std::string_view utf8) {
  if (!is_utf8(utf8)) return utf7_encode(replace_invalid_utf8(utf8));
  std::string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    if (is_direct(static_cast<unsigned char>(utf8.front()))) {
      out += utf8.front();
      if (utf8.front() == '&') out += '-';
      utf8.remove_prefix(1);
      continue;
    }
    std::string utf16;
    while (!utf8.empty() && !is_direct(static_cast<unsigned char>(utf8.front()))) {
      const char32_t code = next_code_point(utf8);
      if (code < 0x10000) {
        append_unit(utf16, code);
      } else {
        append_unit(utf16, 0xD800 + ((code - 0x10000) >> 10));
        append_unit(utf16, 0xDC00 + ((code - 0x10000) & 0x3FF));
      }
    }
    std::string run = base64_encode(utf16);
    std::replace(run.begin(), run.end(), '/', ',');
    out += '&';
    out.append(run, 0, run.find('='));
    out += '-';
  }
  return out;
}

}  // namespace postfach::base
