// Header blocks: fields found by name, filtered for HEADER.FIELDS, unfolded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::message {

// No field is looked for beyond so many octets of a header.
inline constexpr std::uint64_t kMostHeader = 1024 * 1024;

struct HeaderField {
  std::string_view name;   // as written, without the colon
  std::string_view value;  // after the colon, still folded, without the final line end
  std::string_view whole;  // with name, folding and line end
};

// Calls visit for each field in order until it returns false. Tolerates LF alone, spaces before the colon, lines that
// are no field (skipped) and a block with no end.
void for_each_field(std::string_view block, const std::function<bool(const HeaderField&)>& visit);

// The same with the fields of one name alone (ASCII case ignored), several times as fast. block: not beyond the empty line.
void for_each_field(std::string_view block, std::string_view name,
                    const std::function<bool(const HeaderField&)>& visit);

// The octets of the header at the beginning of a text, with the empty line that ends it; 0 if it does not end there.
std::size_t size_of_header(std::string_view text) noexcept;

// As for_each_field does, with every line: those that are no field come together with the lines folded under them, and
// without a name.
void for_each_line(std::string_view block, const std::function<bool(const HeaderField&)>& visit);

// The first field of that name (ASCII case ignored).
std::optional<HeaderField> find_field(std::string_view block, std::string_view name);

// RFC 9051 §6.4.5.1 HEADER.FIELDS (or, with invert, HEADER.FIELDS.NOT): the matching fields as they were written, and
// the empty line that ends every header.
std::string filter_header(std::string_view block, const std::vector<std::string>& names, bool invert);

// Folding removed (RFC 5322 §2.2.3): line ends go, the white space behind them stays; leading and trailing white
// space goes.
std::string unfold(std::string_view value);

}  // namespace postfach::message
