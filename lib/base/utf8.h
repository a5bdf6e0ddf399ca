// UTF-8 and Unicode folding, by utf8proc.
#pragma once

#include <string>
#include <string_view>

namespace postfach::base {

// U+FFFD, which stands for what is not to be read.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// An octet of a character that is not its first.
constexpr bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

bool is_utf8(std::string_view text) noexcept;
// The text with U+FFFD for each maximal part that is not UTF-8 (Unicode §3.9, as browsers do it).
std::string replace_invalid_utf8(std::string_view text);
// Takes the first character off a text that is not empty; U+FFFD for what is not UTF-8.
char32_t take_utf8(std::string_view& text) noexcept;
void append_utf8(std::string& out, char32_t character);  // nothing for what is no character
// A mark that changes the character before it, such as an accent or a vowel sign (Unicode §4.5: Mn, Mc, Me).
bool is_mark(char32_t character) noexcept;
// NFC; the text itself where it is not UTF-8.
std::string normalize(std::string_view text);
// NFKC; the text itself where it is not UTF-8.
std::string normalize_compatibility(std::string_view text);
// For comparison without regard to case and compatibility forms: NFKD with full case folding, and "\u0131" as "i". Texts
// that i;unicode-casemap (RFC 5051) holds to be equal fold to the same. Invalid octets are kept as they are.
std::string fold(std::string_view text);
void append_fold(std::string& out, std::string_view text);
// The same without accents and other combining marks, and with one space for each run of what is no letter, digit or
// symbol.
std::string fold_words(std::string_view text);
// Appends what the collation i;unicode-casemap compares octet by octet (RFC 5051): each character in its titlecase and
// then decomposed. Invalid octets are kept as they are.
void append_collation_key(std::string& out, std::string_view text);

}  // namespace postfach::base
