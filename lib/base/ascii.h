// ASCII text: the only letters that mail protocols compare. No locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postfach::base {

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char to_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
constexpr bool is_wsp(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_ctl(char c) noexcept { return static_cast<unsigned char>(c) < 32 || c == 127; }

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept;
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
// Without spaces, tabs, CR and LF at both ends.
std::string_view trim(std::string_view text) noexcept;
// How many octets at the beginning are ASCII.
std::size_t ascii_prefix(std::string_view text) noexcept;
bool is_ascii(std::string_view text) noexcept;

// The whole text as a decimal number without sign; nothing if it is empty, has another character or exceeds
// most.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most = UINT64_MAX) noexcept;

// Equal without a timing that depends on where they differ; the lengths are not secret.
bool equals_in_constant_time(std::string_view a, std::string_view b) noexcept;

// Appends the decimal form; no allocation beyond out's own.
void append_number(std::string& out, std::uint64_t number);

}  // namespace postfach::base
