// What the tests of this room share: messages written with plain line ends, and sections named as IMAP names them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "message/parser.h"
#include "message/sections.h"

namespace postfach::message {

// Every line end as CRLF.
inline std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

struct Path {
  std::vector<std::uint32_t> numbers;
  SectionPart part = SectionPart::all;
};

// "1.2", "TEXT", "3.1.MIME"
inline Path parse_path(std::string_view name) {
  Path path;
  while (!name.empty()) {
    const std::string_view word = name.substr(0, name.find('.'));
    name.remove_prefix(word.size() == name.size() ? word.size() : word.size() + 1);
    if (word == "HEADER") {
      path.part = SectionPart::header;
    } else if (word == "TEXT") {
      path.part = SectionPart::text;
    } else if (word == "MIME") {
      path.part = SectionPart::mime;
    } else {
      path.numbers.push_back(static_cast<std::uint32_t>(std::stoul(std::string(word))));
    }
  }
  return path;
}

// What FETCH BODY[name] sends, or "none".
inline std::string section(const std::string& message, const Parsed& parsed, std::string_view name) {
  const Path path = parse_path(name);
  const std::optional<Range> range = Sections(parsed.sections).find(path.numbers, path.part);
  return range ? message.substr(range->offset, range->size) : "none";
}

inline std::string section(const std::string& message, std::string_view name) {
  return section(message, parse(message), name);
}

}  // namespace postfach::message
