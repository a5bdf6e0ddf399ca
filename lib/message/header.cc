#include "header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/ascii.h"
#include "base/octet_mask.h"
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

// The first line with those that are folded under it.
std::string_view first_lines(std::string_view text) noexcept {
  std::size_t size = first_line(text).size();
  while (size < text.size() && base::is_wsp(text[size])) size += first_line(text.substr(size)).size();
  return text.substr(0, size);
}

// Reads a field off the front of text, which is not empty. The name is empty if these lines are no field.
HeaderField take_field(std::string_view& text) noexcept {
  HeaderField field;
  field.whole = first_lines(text);
  text.remove_prefix(field.whole.size());

  const std::size_t colon = field.whole.find(':');
  if (colon == std::string_view::npos) return field;
  std::string_view name = field.whole.substr(0, colon);
  while (!name.empty() && base::is_wsp(name.back())) name.remove_suffix(1);  // RFC 5322 §4.5
  if (!std::all_of(name.begin(), name.end(), is_name_octet)) return field;
  field.name = name;
  field.value = without_line_end(field.whole.substr(colon + 1));
  return field;
}

// A bit for each line end among the octets of a text, kMaskedOctets of them at most; the lowest for the first.
std::uint64_t line_ends(std::string_view text) noexcept {
  if (text.size() >= base::kMaskedOctets) return base::octet_mask(text.data(), '\n');
  std::array<char, base::kMaskedOctets> padded{};
  std::copy(text.begin(), text.end(), padded.begin());
  return base::octet_mask(padded.data(), '\n');
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

FieldScan::FieldScan() noexcept { stops_['\r'] = stops_['\n'] = true; }

std::size_t FieldScan::add(std::string_view name) {
  // What is not the name of a field is never found.
  const bool is_name = std::all_of(name.begin(), name.end(), [](char c) { return is_name_octet(c) && c != ':'; });
  names_.push_back(is_name ? base::to_lower(name) : std::string());
  if (is_name && !name.empty()) {
    stops_[static_cast<unsigned char>(base::to_lower(name.front()))] = true;
    stops_[static_cast<unsigned char>(base::to_upper(name.front()))] = true;
  }
  return names_.size() - 1;
}

std::size_t FieldScan::scan(std::string_view text, bool is_cut,
                            const std::function<void(std::size_t, const HeaderField&)>& visit) const {
  const auto is_stop = [&](std::size_t at) { return stops_[static_cast<unsigned char>(text[at])]; };
  // At the beginning of a line. Returns the size of the empty line.
  const auto stop = [&](std::string_view rest) -> std::size_t {
    if (rest.front() == '\n') return 1;
    if (rest.starts_with("\r\n")) return 2;
    for (std::size_t number = 0; number < names_.size(); ++number) {
      const std::string& name = names_[number];
      if (name.empty() || !base::starts_with_ignoring_case(rest, name)) continue;
      std::size_t colon = name.size();
      while (colon < rest.size() && base::is_wsp(rest[colon])) ++colon;  // RFC 5322 §4.5
      if (colon == rest.size() || rest[colon] != ':') continue;
      HeaderField field;
      field.whole = first_lines(rest);
      if (is_cut && field.whole.size() == rest.size()) continue;
      field.name = rest.substr(0, name.size());
      field.value = without_line_end(field.whole.substr(colon + 1));
      visit(number, field);
    }
    return 0;
  };
  if (text.empty()) return 0;
  if (is_stop(0)) {
    if (const std::size_t end = stop(text); end > 0) return end;
  }
  for (std::size_t block = 0; block < text.size(); block += base::kMaskedOctets) {
    for (std::uint64_t ends = line_ends(text.substr(block)); ends != 0; ends &= ends - 1) {
      const std::size_t at = block + static_cast<std::size_t>(std::countr_zero(ends)) + 1;
      if (at == text.size() || !is_stop(at)) continue;
      if (const std::size_t end = stop(text.substr(at)); end > 0) return at + end;
    }
  }
  return 0;
}

std::optional<HeaderField> find_field(std::string_view block, std::string_view name) {
  while (!block.empty() && !name.empty() && !is_empty_line(first_line(block))) {
    if (!base::starts_with_ignoring_case(block, name)) {
      block.remove_prefix(first_line(block).size());
      continue;
    }
    const HeaderField field = take_field(block);
    if (base::equals_ignoring_case(field.name, name)) return field;
  }
  return std::nullopt;
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
