#include "imap_url.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "imap/wire/scanner.h"

namespace postfach::imap {
namespace {

// bchar  = achar / ":" / "@" / "/"
// achar  = uchar / "&" / "="
// uchar  = unreserved / sub-delims-sh / pct-encoded
bool is_bchar(char c) noexcept {
  constexpr std::string_view kOthers = "-._~!$'()*+,&=:@/%";
  return base::is_alpha(c) || base::is_digit(c) || kOthers.find(c) != std::string_view::npos;
}

int hex_digit(char c) noexcept {
  if (base::is_digit(c)) return c - '0';
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Of a run of bchar: what it stands for.
bool decode(std::string_view text, std::string& out) {
  out.clear();
  while (!text.empty()) {
    char c = text.front();
    if (!is_bchar(c)) return false;
    if (c == '%') {
      if (text.size() < 3) return false;
      const int high = hex_digit(text[1]);
      const int low = hex_digit(text[2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      text.remove_prefix(2);
    }
    if (c == '\0') return false;
    out += c;
    text.remove_prefix(1);
  }
  return base::is_utf8(out);
}

bool take(std::string_view& text, std::string_view prefix) noexcept {
  if (!base::starts_with_ignoring_case(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string_view take_until(std::string_view& text, std::string_view delimiter) noexcept {
  const std::string_view taken = text.substr(0, text.find(delimiter));
  text.remove_prefix(taken.size());
  return taken;
}

// nz-number
bool take_nz_number(std::string_view& text, std::uint32_t& number) noexcept {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto value = base::parse_number(text.substr(0, end), UINT32_MAX);
  if (!value || *value == 0) return false;
  number = static_cast<std::uint32_t>(*value);
  text.remove_prefix(end);
  return true;
}

bool parse_url_section(std::string_view encoded, Section& section) {
  std::string decoded;
  if (encoded.empty() || !decode(encoded, decoded)) return false;
  decoded.insert(0, 1, '[');
  decoded += ']';
  Scanner in(decoded);
  return parse_section(in, section) && in.at_end();
}

// partial-range = number ["." nz-number]
bool parse_range(std::string_view text, ImapUrl& url) {
  Scanner in(text);
  if (!in.number64(url.offset)) return false;
  return in.at_end() || (in.skip('.') && in.nz_number64(url.size) && in.at_end());
}

}  // namespace

// imessagepart = enc-mailbox [";UIDVALIDITY=" nz-number] "/;UID=" nz-number
//                ["/;SECTION=" enc-section] ["/;PARTIAL=" partial-range]
// irelative-path, ";UID=…" without a mailbox too
std::optional<ImapUrl> parse_imap_url(std::string_view text) {
  ImapUrl url;
  url.is_relative = !take(text, "/");
  std::string_view mailbox = take_until(text, ";");
  // RFC 3986 §4.2: a colon in the first segment belongs to a scheme.
  if (url.is_relative && mailbox.substr(0, mailbox.find('/')).find(':') != std::string_view::npos) return std::nullopt;
  if (!url.is_relative && (mailbox.empty() || mailbox.starts_with('/'))) return std::nullopt;
  if (mailbox.empty()) {
    if (!take(text, ";UID=")) return std::nullopt;
  } else {
    if (take(text, ";UIDVALIDITY=")) {
      if (!take_nz_number(text, url.uid_validity) || !take(text, "/")) return std::nullopt;
    } else if (mailbox.ends_with('/')) {
      mailbox.remove_suffix(1);
    } else {
      return std::nullopt;
    }
    if (mailbox.empty() || !decode(mailbox, url.mailbox) || !take(text, ";UID=")) return std::nullopt;
  }
  if (!take_nz_number(text, url.uid)) return std::nullopt;
  if (take(text, "/;SECTION=") && !parse_url_section(take_until(text, "/;"), url.section)) return std::nullopt;
  if (take(text, "/;PARTIAL=") && !parse_range(take_until(text, "/;"), url)) return std::nullopt;
  if (!text.empty()) return std::nullopt;
  return url;
}

}  // namespace postfach::imap
