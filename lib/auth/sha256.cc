#include "sha256.h"

#include <nettle/hmac.h>
#include <nettle/pbkdf2.h>
#include <nettle/sha2.h>
#include <string.h>  // explicit_bzero

#include <array>
#include <cstddef>
#include <cstdint>

namespace postfach::auth {
namespace {

static_assert(kSha256Size == SHA256_DIGEST_SIZE);

const std::uint8_t* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::uint8_t* octets_of(std::string& text) noexcept { return reinterpret_cast<std::uint8_t*>(text.data()); }

// A keyed state that does not stay on the stack.
class Hmac {
 public:
  explicit Hmac(std::string_view key) noexcept { hmac_sha256_set_key(&state_, key.size(), octets_of(key)); }
  ~Hmac() { ::explicit_bzero(&state_, sizeof state_); }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  void add(std::string_view octets) noexcept { hmac_sha256_update(&state_, octets.size(), octets_of(octets)); }
  std::string result() {
    std::string digest(kSha256Size, '\0');
    hmac_sha256_digest(&state_, digest.size(), octets_of(digest));
    return digest;
  }

 private:
  hmac_sha256_ctx state_;
};

std::string_view length_of(std::string_view field, std::array<char, 8>& buffer) noexcept {
  for (std::size_t i = 0; i < buffer.size(); ++i) {
    buffer[i] = static_cast<char>((std::uint64_t{field.size()} >> (8 * i)) & 0xFFU);
  }
  return {buffer.data(), buffer.size()};
}

}  // namespace

struct Sha256::State {
  sha256_ctx context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { sha256_init(&state_->context); }
Sha256::~Sha256() { ::explicit_bzero(&state_->context, sizeof state_->context); }
void Sha256::add(std::string_view octets) noexcept {
  sha256_update(&state_->context, octets.size(), octets_of(octets));
}
std::string Sha256::finish() {
  std::string digest(kSha256Size, '\0');
  sha256_digest(&state_->context, digest.size(), octets_of(digest));  // which begins anew
  return digest;
}

std::string sha256(std::string_view octets) {
  sha256_ctx state;
  sha256_init(&state);
  sha256_update(&state, octets.size(), octets_of(octets));
  std::string digest(kSha256Size, '\0');
  sha256_digest(&state, digest.size(), octets_of(digest));
  ::explicit_bzero(&state, sizeof state);
  return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view octets) {
  Hmac hmac(key);
  hmac.add(octets);
  return hmac.result();
}

std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> fields) {
  Hmac hmac(key);
  for (const std::string_view field : fields) {
    std::array<char, 8> length;
    hmac.add(length_of(field, length));
    hmac.add(field);
  }
  return hmac.result();
}

std::string pbkdf2_sha256(std::string_view password, std::string_view salt, unsigned iterations) {
  std::string digest(kSha256Size, '\0');
  pbkdf2_hmac_sha256(password.size(), octets_of(password), iterations, salt.size(), octets_of(salt), digest.size(),
                     octets_of(digest));
  return digest;
}

}  // namespace postfach::auth
