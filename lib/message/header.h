// Header blocks: fields found by name, filtered for HEADER.FIELDS, unfolded.
#pragma once

#include <array>
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

// Fields that are looked for by their names (ASCII case ignored) in many headers, all of them in one pass over each.
class FieldScan {
 public:
  FieldScan() noexcept;
  // Returns the number of the name, from 0 on.
  std::size_t add(std::string_view name);
  // Calls visit for each of these fields in order, with the number of its name. Returns the size of the header with the
  // empty line that ends it; 0 if it does not end within this text. is_cut: the text may go on, so that a field is left
  // out which reaches to its end.
  std::size_t scan(std::string_view text, bool is_cut,
                   const std::function<void(std::size_t, const HeaderField&)>& visit) const;

 private:
  std::vector<std::string> names_;    // in small letters; empty: never found
  std::array<bool, 256> stops_ = {};  // what a name begins with, or an empty line
};

// As for_each_field does, with every line: those that are no field come together with the lines folded under them, and
// without a name.
void for_each_line(std::string_view block, const std::function<bool(const HeaderField&)>& visit);

// The first field of that name (ASCII case ignored) before the empty line.
std::optional<HeaderField> find_field(std::string_view block, std::string_view name);

// RFC 9051 §6.4.5.1 HEADER.FIELDS (or, with invert, HEADER.FIELDS.NOT): the matching fields as they were written, and
// the empty line that ends every header.
std::string filter_header(std::string_view block, const std::vector<std::string>& names, bool invert);

// Folding removed (RFC 5322 §2.2.3): line ends go, the white space behind them stays; leading and trailing white
// space goes.
std::string unfold(std::string_view value);

}  // namespace postfach::message
