#include "base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace postfach::base {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xFF;  // not in the alphabet; no value of the alphabet has the upper two bits

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

constexpr std::uint32_t value(char c) noexcept { return kValues[static_cast<unsigned char>(c)]; }
constexpr std::uint32_t octet(char c) noexcept { return static_cast<unsigned char>(c); }
constexpr char digit(std::uint32_t bits) noexcept { return kAlphabet[bits & 63U]; }
constexpr char low_octet(std::uint32_t bits) noexcept { return static_cast<char>(bits & 0xFFU); }

char* put_three(char* out, std::uint32_t bits) noexcept {
  *out++ = low_octet(bits >> 16U);
  *out++ = low_octet(bits >> 8U);
  *out++ = low_octet(bits);
  return out;
}

}  // namespace

std::string base64_encode(std::string_view octets) {
  std::string text((octets.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  std::size_t i = 0;
  for (; i + 3 <= octets.size(); i += 3) {
    const std::uint32_t bits = octet(octets[i]) << 16U | octet(octets[i + 1]) << 8U | octet(octets[i + 2]);
    *out++ = digit(bits >> 18U);
    *out++ = digit(bits >> 12U);
    *out++ = digit(bits >> 6U);
    *out++ = digit(bits);
  }
  const std::size_t rest = octets.size() - i;
  if (rest > 0) {
    const std::uint32_t bits = octet(octets[i]) << 16U | (rest == 2 ? octet(octets[i + 1]) << 8U : 0U);
    *out++ = digit(bits >> 18U);
    *out++ = digit(bits >> 12U);
    if (rest == 2) *out = digit(bits >> 6U);
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;

  std::string octets(text.size() / 4 * 3, '\0');
  char* out = octets.data();
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool is_last = i + 4 == text.size();
    const std::uint32_t a = value(text[i]);
    const std::uint32_t b = value(text[i + 1]);
    const std::uint32_t c = is_last && padding == 2 ? 0 : value(text[i + 2]);
    const std::uint32_t d = is_last && padding >= 1 ? 0 : value(text[i + 3]);
    if (((a | b | c | d) & 0xC0U) != 0) return std::nullopt;
    const std::uint32_t bits = a << 18U | b << 12U | c << 6U | d;
    // RFC 4648 §3.5: bits below the last octet must be zero, or one value would have several spellings.
    if (is_last && padding > 0 && (bits & (padding == 2 ? 0xFFFFU : 0xFFU)) != 0) return std::nullopt;
    out = put_three(out, bits);
  }
  octets.resize(octets.size() - padding);
  return octets;
}

void Base64Decoder::decode(std::string_view text, std::string& octets) {
  if (padded_) return;
  const std::size_t had = octets.size();
  octets.resize(had + (text.size() + digits_) / 4 * 3);
  char* out = octets.data() + had;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    // The common case: a line of clean groups.
    while (digits_ == 0 && end - at >= 4) {
      const std::uint32_t a = value(at[0]);
      const std::uint32_t b = value(at[1]);
      const std::uint32_t c = value(at[2]);
      const std::uint32_t d = value(at[3]);
      if (((a | b | c | d) & 0xC0U) != 0) break;
      out = put_three(out, a << 18U | b << 12U | c << 6U | d);
      at += 4;
    }
    if (at == end) break;
    if (*at == '=') {
      padded_ = true;
      break;
    }
    const std::uint32_t next = value(*at++);
    if (next == kNone) continue;
    bits_ = bits_ << 6U | next;
    if (++digits_ == 4) {
      out = put_three(out, bits_);
      bits_ = 0;
      digits_ = 0;
    }
  }
  octets.resize(static_cast<std::size_t>(out - octets.data()));
}

// Two or three digits hold one or two whole octets; a single digit holds none.
void Base64Decoder::finish(std::string& octets) {
  if (digits_ == 2) octets.push_back(low_octet(bits_ >> 4U));
  if (digits_ == 3) {
    octets.push_back(low_octet(bits_ >> 10U));
    octets.push_back(low_octet(bits_ >> 2U));
  }
  digits_ = 0;
  padded_ = true;
}

std::string base64_decode_lenient(std::string_view text) {
  std::string octets;
  Base64Decoder decoder;
  decoder.decode(text, octets);
  decoder.finish(octets);
  return octets;
}

}  // namespace postfach::base
