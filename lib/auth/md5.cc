#include "md5.h"

#include <nettle/md5.h>
#include <string.h>  // explicit_bzero

#include <array>
#include <cstdint>

namespace postfach::auth {

std::string md5_hex(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  md5_ctx state;
  md5_init(&state);
  md5_update(&state, octets.size(), reinterpret_cast<const std::uint8_t*>(octets.data()));
  std::array<std::uint8_t, MD5_DIGEST_SIZE> digest{};
  md5_digest(&state, digest.size(), digest.data());
  ::explicit_bzero(&state, sizeof state);
  std::string text;
  for (const std::uint8_t octet : digest) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 15U];
  }
  return text;
}

}  // namespace postfach::auth
