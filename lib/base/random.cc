#include "random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>
#include <string_view>

namespace postfach::base {
namespace {

// getrandom gives up to 256 octets in one piece (getrandom(2)), so a short count cannot happen.
constexpr std::size_t kMostAtOnce = 256;

void fill(unsigned char* buffer, std::size_t size) {
  ssize_t got = 0;
  do {
    got = ::getrandom(buffer, size, 0);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(size)) return;
  // Only a sandbox that forbids the call leads here. The other source throws if it has nothing either, which
  // ends the program: predictable identifiers would be worse.
  std::random_device device;
  std::generate(buffer, buffer + size, [&device] { return static_cast<unsigned char>(device()); });
}

}  // namespace

std::uint64_t random_number() noexcept {
  std::array<unsigned char, sizeof(std::uint64_t)> octets;
  fill(octets.data(), octets.size());
  std::uint64_t number = 0;
  for (const unsigned char octet : octets) number = number << 8U | octet;
  return number;
}

std::string random_hex(std::size_t digits) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(digits);
  std::array<unsigned char, kMostAtOnce> octets;
  while (text.size() < digits) {
    const std::size_t wanted = std::min(digits - text.size(), octets.size());
    fill(octets.data(), wanted);
    for (std::size_t i = 0; i < wanted; ++i) text += kHex[octets[i] & 15U];
  }
  return text;
}

std::string random_octets(std::size_t size) {
  std::string octets(size, '\0');
  auto* const data = reinterpret_cast<unsigned char*>(octets.data());
  for (std::size_t done = 0; done < size; done += kMostAtOnce) fill(data + done, std::min(size - done, kMostAtOnce));
  return octets;
}

}  // namespace postfach::base
