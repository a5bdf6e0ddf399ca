#include "names.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "postfach/account.h"

namespace postfach::store {
namespace {

constexpr std::size_t kMostNameOctets = 1000;
constexpr std::size_t kMostLevels = 64;
constexpr std::size_t kMostLevelOctets = 255;
constexpr std::size_t kMostIdentityOctets = 255;
constexpr std::size_t kMostKeywordOctets = 255;
constexpr std::size_t kMostUidlOctets = 70;

Error bad_name(const char* why) { return {Errc::invalid_argument, std::string("the name ") + why}; }

// C0, DEL and C1, of UTF-8 that is known to be valid: U+0080 to U+009F are C2 80 to C2 9F. And the separators of lines
// and paragraphs, U+2028 and U+2029, E2 80 A8 and E2 80 A9 (RFC 9051 §5.1, RFC 6855 §3).
bool has_control(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const std::string_view rest = text.substr(i);
        rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      return true;
    }
    if (base::is_ctl(text[i])) return true;
    if (text[i] == '\xC2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

Result<void> check_levels(std::string_view name) {
  std::size_t levels = 0;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (end == begin) return bad_name("has an empty level");
    if (end - begin > kMostLevelOctets) return bad_name("has a level of more than 255 octets");
    if (++levels > kMostLevels) return bad_name("has more than 64 levels");
    begin = end + 1;
  }
  return {};
}

}  // namespace

Result<std::string> canonical_name(std::string_view name) {
  if (name.empty()) return bad_name("is empty");
  if (name.size() > kMostNameOctets) return bad_name("has more than 1000 octets");
  if (!base::is_utf8(name)) return bad_name("is not UTF-8");
  if (has_control(name)) return bad_name("has a control character");
  std::string canonical = base::is_ascii(name) ? std::string(name) : base::normalize(name);
  if (canonical.size() > kMostNameOctets) return bad_name("has more than 1000 octets");
  if (auto checked = check_levels(canonical); !checked) return checked.error();
  if (base::starts_with_ignoring_case(canonical, kInbox) &&
      (canonical.size() == kInbox.size() || canonical[kInbox.size()] == '/')) {
    canonical.replace(0, kInbox.size(), kInbox);
  }
  return canonical;
}

std::string_view without_trailing_separator(std::string_view name) noexcept {
  if (name.size() > 1 && name.back() == '/') name.remove_suffix(1);
  return name;
}

std::string_view parent_of(std::string_view name) noexcept {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

bool may_have_children(std::string_view name) noexcept {
  if (name.size() + 2 > kMostNameOctets) return false;
  // So many levels take two octets each.
  if (name.size() + 1 < 2 * kMostLevels) return true;
  return std::count(name.begin(), name.end(), '/') + 1 < static_cast<std::ptrdiff_t>(kMostLevels);
}

bool is_below(std::string_view name, std::string_view ancestor) noexcept {
  return name.size() > ancestor.size() && name.starts_with(ancestor) && name[ancestor.size()] == '/';
}

Result<void> check_identity(std::string_view name) {
  if (name.empty()) return bad_name("is empty");
  if (name.size() > kMostIdentityOctets) return bad_name("has more than 255 octets");
  if (!base::is_utf8(name)) return bad_name("is not UTF-8");
  if (has_control(name)) return bad_name("has a control character");
  return {};
}

Result<void> check_keyword(std::string_view keyword) {
  constexpr std::string_view kSpecials = "(){%*\"\\] ";
  const bool is_atom = !keyword.empty() && keyword.size() <= kMostKeywordOctets &&
                       std::all_of(keyword.begin(), keyword.end(), [&](char c) {
                         return c > ' ' && c < '\x7F' && kSpecials.find(c) == std::string_view::npos;
                       });
  if (!is_atom) return Error{Errc::invalid_argument, "a keyword is no atom"};
  return {};
}

Result<void> check_uidl(std::string_view uidl) {
  const bool is_fine = !uidl.empty() && uidl.size() <= kMostUidlOctets &&
                       std::all_of(uidl.begin(), uidl.end(), [](char c) { return c > ' ' && c < '\x7F'; });
  if (!is_fine) return Error{Errc::invalid_argument, "a UIDL is not 1 to 70 octets of 0x21 to 0x7E"};
  return {};
}

Result<void> check_limits(const Quota& quota) {
  constexpr auto kMost = static_cast<std::uint64_t>(INT64_MAX);
  for (const auto& limit : {quota.bytes, quota.messages, quota.mailboxes, quota.message_size}) {
    if (limit.value_or(0) > kMost) return Error{Errc::invalid_argument, "a quota is at most 2^63-1"};
  }
  return {};
}

}  // namespace postfach::store

namespace postfach {

Result<std::string> canonical_mailbox_name(std::string_view name) {
  return store::canonical_name(store::without_trailing_separator(name));
}

}  // namespace postfach
