#include "quoted_printable.h"

#include <cstddef>

#include "base/ascii.h"

namespace postfach::message {
namespace {

int hex_value(char c) noexcept {
  if (base::is_digit(c)) return c - '0';
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// At the "=" of text[at]: appends the octet and moves behind the escape, or returns false.
bool take_escape(std::string_view text, std::size_t& at, std::string& out) {
  if (text.size() - at < 3) return false;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  if (high < 0 || low < 0) return false;
  out.push_back(static_cast<char>(high * 16 + low));
  at += 3;
  return true;
}

}  // namespace

std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    std::string_view line_end = newline == std::string_view::npos ? "" : "\n";
    if (!line_end.empty() && line.ends_with('\r')) {
      line_end = "\r\n";
      line.remove_suffix(1);
    }
    while (!line.empty() && base::is_wsp(line.back())) line.remove_suffix(1);
    if (line.ends_with('=')) {
      line.remove_suffix(1);
      line_end = {};
    }
    for (std::size_t at = 0; at < line.size();) {
      if (line[at] != '=' || !take_escape(line, at, out)) out.push_back(line[at++]);
    }
    out.append(line_end);
  }
  return out;
}

std::string decode_q(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '=' && take_escape(text, at, out)) continue;
    out.push_back(text[at] == '_' ? ' ' : text[at]);
    ++at;
  }
  return out;
}

}  // namespace postfach::message
