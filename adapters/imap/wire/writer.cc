#include "writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/time.h"
#include "base/utf7.h"
#include "base/utf8.h"
#include "scanner.h"

namespace postfach::imap {
namespace {

bool is_printable(char c) { return c >= 0x20 && c <= 0x7E; }

// Characters that no client was ever seen to trip over in an atom; fewer than ATOM-CHAR.
bool is_plain(char c) {
  return base::is_alpha(c) || base::is_digit(c) || std::string_view("-_./$+&,:=@#").find(c) != std::string_view::npos;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

constexpr std::array<std::pair<Flag, std::string_view>, 5> kFlagNames{{{Flag::answered, "\\Answered"},
                                                                       {Flag::flagged, "\\Flagged"},
                                                                       {Flag::deleted, "\\Deleted"},
                                                                       {Flag::seen, "\\Seen"},
                                                                       {Flag::draft, "\\Draft"}}};

}  // namespace

void append_astring(std::string& out, std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain) && !base::equals_ignoring_case(text, "NIL")) {
    out += text;
  } else {
    append_string(out, text);
  }
}

void append_literal_header(std::string& out, std::uint64_t size) {
  out += '{';
  base::append_number(out, size);
  out += "}\r\n";
}

void append_mailbox(std::string& out, std::string_view utf8_name, bool utf8) {
  if (!utf8) {
    const bool same =
        std::all_of(utf8_name.begin(), utf8_name.end(), [](char c) { return is_printable(c) && c != '&'; });
    return append_astring(out, same ? utf8_name : base::utf7_encode(utf8_name));
  }
  const bool safe = std::none_of(utf8_name.begin(), utf8_name.end(), base::is_ctl) && base::is_utf8(utf8_name);
  if (safe && !base::is_ascii(utf8_name)) {
    append_quoted(out, utf8_name);
  } else {
    append_astring(out, utf8_name);
  }
}

void append_flag_names(std::string& out, Flags flags, KeywordMask keywords, const KeywordNames& names, bool recent) {
  bool first = true;
  const auto put = [&](std::string_view name) {
    if (!first) out += ' ';
    first = false;
    out += name;
  };
  for (const auto& [flag, name] : kFlagNames) {
    if (flags.has(flag)) put(name);
  }
  if (recent) put("\\Recent");
  for (std::size_t bit = 0; keywords != 0 && bit < names.size(); ++bit, keywords >>= 1) {
    if ((keywords & 1U) != 0 && is_atom(names[bit])) put(names[bit]);
  }
}

void append_flags(std::string& out, Flags flags, KeywordMask keywords, const KeywordNames& names, bool recent) {
  out += '(';
  append_flag_names(out, flags, keywords, names, recent);
  out += ')';
}

void append_uid_set(std::string& out, const UidSet& set) {
  bool first = true;
  for (const UidRange& range : set.ranges()) {
    if (!first) out += ',';
    first = false;
    base::append_number(out, range.first);
    if (range.last == range.first) continue;
    out += ':';
    base::append_number(out, range.last);
  }
}

void append_date_time(std::string& out, DateTime time) {
  out += '"';
  out += base::format_internal_date(time);
  out += '"';
}

void append_text(std::string& out, std::string_view text) {
  if (text.empty()) text = "-";  // resp-text is never empty (RFC 3501 §9)
  const std::size_t start = out.size();
  for (const char c : text) out += is_printable(c) ? c : '?';
  if (out[start] == '[') out[start] = '(';
}

}  // namespace postfach::imap
