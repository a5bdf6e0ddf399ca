#include "header.h"

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"
#include "base/find_text.h"
#include "lexer.h"

namespace postfach::message {
namespace {

// The first line with its line end.
std::string_view first_line(std::string_view text) noexcept {
  const std::size_t end = text.find('\n');
  return text.substr(0, end == std::string_view::npos ? end : end + 1);
}

bool is_empty_line(std::string_view line) noexcept { return line == "\r\n" || line == "\n"; }

// RFC 5322 §3.6.8 ftext, and 8-bit octets.
bool is_name_octet(char c) noexcept { return static_cast<unsigned char>(c) > 32 && c != 127; }

std::string_view without_line_end(std::string_view text) noexcept {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Reads a field off the front of text, which is not empty. The name is empty if these lines are no field.
HeaderField take_field(std::string_view& text) noexcept {
  std::size_t size = first_line(text).size();
  while (size < text.size() && base::is_wsp(text[size])) size += first_line(text.substr(size)).size();
  HeaderField field;
  field.whole = text.substr(0, size);
  text.remove_prefix(size);

  const std::size_t colon = field.whole.find(':');
  if (colon == std::string_view::npos) return field;
  std::string_view name = field.whole.substr(0, colon);
  while (!name.empty() && base::is_wsp(name.back())) name.remove_suffix(1);  // RFC 5322 §4.5
  if (!std::all_of(name.begin(), name.end(), is_name_octet)) return field;
  field.name = name;
  field.value = without_line_end(field.whole.substr(colon + 1));
  return field;
}

// Shorter names first: most comparisons end at the length.
bool name_less(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return a.size() < b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char x = base::to_lower(a[i]);
    const char y = base::to_lower(b[i]);
    if (x != y) return x < y;
  }
  return false;
}

}  // namespace

void for_each_line(std::string_view block, const std::function<bool(const HeaderField&)>& visit) {
  while (!block.empty() && !is_empty_line(first_line(block))) {
    if (!visit(take_field(block))) return;
  }
}

void for_each_field(std::string_view block, const std::function<bool(const HeaderField&)>& visit) {
  while (!block.empty() && !is_empty_line(first_line(block))) {
    const HeaderField field = take_field(block);
    if (!field.name.empty() && !visit(field)) return;
  }
}

void for_each_field(std::string_view block, std::string_view name,
                    const std::function<bool(const HeaderField&)>& visit) {
  if (name.empty() || !is_name_octet(name.front())) return;
  // A field begins where a line does: what does not begin like the name is passed over without a look at it.
  const char first = base::to_lower(name.front());
  const char other = base::to_upper(name.front());
  const base::OctetPair line{.first = '\n', .first_too = '\n', .second = first, .second_too = other};
  const auto next = [&](std::size_t from) {
    const std::size_t end = base::find_pair(block, line, from);
    return end == std::string_view::npos ? end : end + 1;
  };
  std::size_t at = !block.empty() && base::to_lower(block.front()) == first ? 0 : next(0);
  for (; at != std::string_view::npos; at = next(at)) {
    std::string_view rest = block.substr(at);
    if (!base::starts_with_ignoring_case(rest, name)) continue;
    const HeaderField field = take_field(rest);
    if (base::equals_ignoring_case(field.name, name) && !visit(field)) return;
  }
}

std::size_t size_of_header(std::string_view text) noexcept {
  if (is_empty_line(first_line(text))) return first_line(text).size();
  constexpr base::OctetPair kLines{.first = '\n', .first_too = '\n', .second = '\r', .second_too = '\n'};
  for (std::size_t at = base::find_pair(text, kLines); at != std::string_view::npos;
       at = base::find_pair(text, kLines, at + 1)) {
    const std::string_view line = text.substr(at + 1, 2);
    if (line.front() == '\n') return at + 2;
    if (line == "\r\n") return at + 3;
  }
  return 0;
}

std::optional<HeaderField> find_field(std::string_view block, std::string_view name) {
  std::optional<HeaderField> found;
  if (const std::size_t size = size_of_header(block); size > 0) block = block.substr(0, size);
  for_each_field(block, name, [&found](const HeaderField& field) {
    found = field;
    return false;
  });
  return found;
}

std::string filter_header(std::string_view block, const std::vector<std::string>& names, bool invert) {
  std::vector<std::string_view> wanted(names.begin(), names.end());
  std::sort(wanted.begin(), wanted.end(), name_less);
  std::string out;
  std::string_view rest = block;
  while (!rest.empty() && !is_empty_line(first_line(rest))) {
    const HeaderField field = take_field(rest);
    // Lines that are no field have no name that could match: they go with the rest of the header.
    const bool is_listed =
        !field.name.empty() && std::binary_search(wanted.begin(), wanted.end(), field.name, name_less);
    if (is_listed != invert) out.append(field.whole);
  }
  out.append(first_line(rest));
  return out;
}

std::string unfold(std::string_view value) {
  while (!value.empty() && is_white(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_white(value.back())) value.remove_suffix(1);
  std::string out;
  out.reserve(value.size());
  while (!value.empty()) {
    const std::string_view line = first_line(value);
    value.remove_prefix(line.size());
    out.append(value.empty() ? line : without_line_end(line));
  }
  return out;
}

}  // namespace postfach::message
