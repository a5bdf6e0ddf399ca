#include "head.h"

#include "base/ascii.h"

namespace postfach::imap {
namespace {

// Every answer repeats the tag; clients take some ten octets.
constexpr std::size_t kMaxTag = 200;

}  // namespace

std::string_view tag_of(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && is_tag_char(text[size])) ++size;
  if (size > kMaxTag || (size < text.size() && text[size] != ' ')) return {};
  return text.substr(0, size);
}

std::optional<Head> parse_head(Scanner& in) {
  Head head;
  head.tag = tag_of(in.rest());
  if (head.tag.empty()) {
    in.fail("Invalid tag");
    return std::nullopt;
  }
  in.prefix(head.tag);
  if (in.at_end() || !in.sp() || in.at_end()) {
    in.fail("Missing command");
    return std::nullopt;
  }
  if (!in.upper_atom(head.name)) return std::nullopt;
  // uid = "UID" SP (copy / move / fetch / search / store / uid-expunge)
  if (head.name == "UID") {
    std::string command;
    if (!in.sp() || !in.upper_atom(command)) return std::nullopt;
    head.name += ' ';
    head.name += command;
  }
  return head;
}

bool parse_no_arguments(Scanner& in) { return in.end(); }

}  // namespace postfach::imap
