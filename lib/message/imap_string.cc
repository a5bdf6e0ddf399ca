#include "imap_string.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::message {
namespace {

bool is_quotable(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet != 0 && octet < 0x80 && c != '\r' && c != '\n';
  });
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  if (is_quotable(text)) {
    out.push_back('"');
    for (std::size_t begin = 0;;) {
      const std::size_t end = std::min(text.find_first_of("\"\\", begin), text.size());
      out.append(text, begin, end - begin);
      if (end == text.size()) break;
      out.push_back('\\');
      out.push_back(text[end]);
      begin = end + 1;
    }
    out.push_back('"');
    return;
  }
  const auto nuls = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\0'));
  out.push_back('{');
  base::append_number(out, text.size() + nuls * (base::kReplacementCharacter.size() - 1));
  out.append("}\r\n");
  if (nuls == 0) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (c == '\0') {
      out.append(base::kReplacementCharacter);
    } else {
      out.push_back(c);
    }
  }
}

void append_nstring(std::string& out, const std::optional<std::string>& text) {
  if (text) {
    append_string(out, *text);
  } else {
    out.append("NIL");
  }
}

}  // namespace postfach::message
