#include "path.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace postfach::lmtp {
namespace {

bool is_eight_bit(char c) noexcept { return static_cast<unsigned char>(c) >= 0x80; }

// atext (RFC 5322 §3.2.3), RFC 6531's addition, and the dots between.
bool is_local(char c) noexcept {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
  return base::is_alpha(c) || base::is_digit(c) || is_eight_bit(c) || kOthers.find(c) != std::string_view::npos;
}

// Wider than the grammar by '_', which names of hosts have.
bool is_domain(char c) noexcept {
  return base::is_alpha(c) || base::is_digit(c) || is_eight_bit(c) || c == '-' || c == '.' || c == '_';
}

bool is_literal(char c) noexcept { return c > ' ' && c < '\x7F' && c != '[' && c != ']' && c != '\\'; }

template <class Is>
std::string_view take_while(std::string_view& text, Is is) {
  const auto end = std::find_if_not(text.begin(), text.end(), is);
  const auto count = static_cast<std::size_t>(end - text.begin());
  const std::string_view taken = text.substr(0, count);
  text.remove_prefix(count);
  return taken;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// Quoted-string. Appends it to out in its shortest form.
bool take_quoted(std::string_view& text, std::string& out) {
  std::string content;
  for (;;) {
    if (text.empty() || base::is_ctl(text.front())) return false;
    char c = text.front();
    text.remove_prefix(1);
    if (c == '"') break;
    if (c == '\\') {
      if (text.empty() || base::is_ctl(text.front()) || is_eight_bit(text.front())) return false;
      c = text.front();
      text.remove_prefix(1);
    }
    content.push_back(c);
  }
  if (!content.empty() && std::all_of(content.begin(), content.end(), is_local)) {
    out += content;
    return true;
  }
  out.push_back('"');
  for (const char c : content) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return true;
}

bool take_domain(std::string_view& text, std::string& out) {
  if (take(text, '[')) {
    const std::string_view literal = take_while(text, is_literal);
    if (literal.empty() || !take(text, ']')) return false;
    out += '[';
    out += literal;
    out += ']';
    return true;
  }
  const std::string_view domain = take_while(text, is_domain);
  out += domain;
  return !domain.empty();
}

// RFC 5321 §4.1.1.3: "@a,@b:" is taken and disregarded.
bool skip_route(std::string_view& text) {
  std::string ignored;
  while (take(text, '@')) {
    if (!take_domain(text, ignored)) return false;
    if (take(text, ':')) return true;
    if (!take(text, ',')) return false;
  }
  return false;
}

}  // namespace

std::optional<Path> take_path(std::string_view& text) {
  if (!take(text, '<')) return std::nullopt;
  Path path;
  if (take(text, '>')) return path;
  if (text.starts_with('@') && !skip_route(text)) return std::nullopt;
  if (take(text, '"')) {
    if (!take_quoted(text, path.address)) return std::nullopt;
  } else {
    const std::string_view local = take_while(text, is_local);
    if (local.empty()) return std::nullopt;
    path.address = local;
  }
  if (take(text, '@')) {
    path.address += '@';
    if (!take_domain(text, path.address)) return std::nullopt;
  }
  if (!take(text, '>')) return std::nullopt;
  path.is_ascii = base::is_ascii(path.address);
  if (!path.is_ascii && !base::is_utf8(path.address)) return std::nullopt;
  return path;
}

}  // namespace postfach::lmtp
