// SHA-256, HMAC and PBKDF2, by Nettle: a small library of nothing but such primitives, whose symbols clash with no TLS
// library's. A program that uses the store alone needs no other.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace postfach::auth {

inline constexpr std::size_t kSha256Size = 32;

// Of octets that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view octets) noexcept;
  // 32 octets; the object begins anew.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Results are 32 octets. What the functions keep of secrets while they run is overwritten.
std::string sha256(std::string_view octets);
std::string hmac_sha256(std::string_view key, std::string_view octets);
// Over the fields, each behind its length: two lists are the same only if all their fields are.
std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> fields);
// Hi() of RFC 5802 §2.2: PBKDF2 with 32 octets of result.
std::string pbkdf2_sha256(std::string_view password, std::string_view salt, unsigned iterations);

}  // namespace postfach::auth
