#include "uidl_format.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/ascii.h"
#include "names.h"

namespace postfach::store {
namespace {

struct Item {
  char variable = 0;  // u, v, f; '%' for itself
  bool is_hex = false;
  bool has_zeros = false;
  std::size_t width = 0;
};

// "%08Xu": behind the percent sign a 0, a width, an X, the variable.
std::optional<Item> take_item(std::string_view& format) {
  Item item;
  if (format.starts_with('0')) item.has_zeros = true;
  while (!format.empty() && base::is_digit(format.front())) {
    item.width = item.width * 10 + static_cast<std::size_t>(format.front() - '0');
    if (item.width > 20) return std::nullopt;
    format.remove_prefix(1);
  }
  if (format.starts_with('X')) {
    item.is_hex = true;
    format.remove_prefix(1);
  }
  if (format.empty()) return std::nullopt;
  item.variable = format.front();
  format.remove_prefix(1);
  if (std::string_view("uvf%").find(item.variable) == std::string_view::npos) return std::nullopt;
  return item;
}

void append(std::string& out, const Item& item, std::uint32_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, item.is_hex ? 16 : 10).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  if (item.has_zeros && count < item.width) out.append(item.width - count, '0');
  out.append(digits.data(), count);
}

}  // namespace

Result<void> check_uidl_format(std::string_view format) {
  bool is_unique = format.empty();
  while (!format.empty()) {
    const char c = format.front();
    format.remove_prefix(1);
    if (c != '%') continue;
    const auto item = take_item(format);
    if (!item) return Error{Errc::invalid_argument, "a UIDL format has %u, %v, %f, with widths like %08Xu"};
    if (item->variable == 'u' || item->variable == 'f') is_unique = true;
  }
  if (!is_unique) return Error{Errc::invalid_argument, "a UIDL format without %u or %f gives each message the same"};
  return {};
}

std::string make_uidl(std::string_view format, Uid uid, UidValidity uid_validity, std::string_view file_name) {
  std::string out;
  while (!format.empty()) {
    const char c = format.front();
    format.remove_prefix(1);
    if (c != '%') {
      out += c;
      continue;
    }
    const auto item = take_item(format);
    if (!item) return {};
    if (item->variable == '%') out += '%';
    if (item->variable == 'f') out += file_name;
    if (item->variable == 'u') {
      if (uid == 0) return {};
      append(out, *item, uid);
    }
    if (item->variable == 'v') {
      if (uid_validity == 0) return {};
      append(out, *item, uid_validity);
    }
  }
  return check_uidl(out) ? out : std::string();
}

}  // namespace postfach::store
