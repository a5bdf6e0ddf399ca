#include "scram.h"

#include <string.h>  // explicit_bzero

#include <cstddef>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/random.h"
#include "base/saslprep.h"
#include "sha256.h"

namespace postfach {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::string_view kScheme = "SCRAM-SHA-256$";

void forget(std::string& secret) noexcept {
  if (!secret.empty()) ::explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

// The text before the mark, which is taken away with it; nothing if there is no mark.
std::optional<std::string_view> take_until(std::string_view& text, char mark) noexcept {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

}  // namespace

Result<ScramKeys> make_scram_keys(std::string_view password, unsigned iterations) {
  if (password.empty()) return Error{Errc::invalid_argument, "an empty password makes no SCRAM keys"};
  if (iterations < kLeastScramIterations || iterations > kMostScramIterations) {
    return Error{Errc::invalid_argument, "SCRAM iterations out of range"};
  }
  std::string prepared = auth::prepare_password(password);
  ScramKeys keys = auth::derive_scram_keys(prepared, base::random_octets(kSaltSize), iterations);
  forget(prepared);
  return keys;
}

std::string format_scram_keys(const ScramKeys& keys) {
  std::string text(kScheme);
  base::append_number(text, keys.iterations);
  text += ':';
  text += base::base64_encode(keys.salt);
  text += '$';
  text += base::base64_encode(keys.stored_key);
  text += ':';
  text += base::base64_encode(keys.server_key);
  return text;
}

std::optional<ScramKeys> parse_scram_keys(std::string_view text) {
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const auto iterations = take_until(text, ':');
  const auto salt = take_until(text, '$');
  const auto stored_key = take_until(text, ':');
  if (!iterations || !salt || !stored_key) return std::nullopt;
  const auto count = base::parse_number(*iterations, UINT32_MAX);
  auto salt_octets = base::base64_decode(*salt);
  auto stored_octets = base::base64_decode(*stored_key);
  auto server_octets = base::base64_decode(text);
  if (!count || !salt_octets || !stored_octets || !server_octets) return std::nullopt;
  ScramKeys keys{*std::move(salt_octets), static_cast<unsigned>(*count), *std::move(stored_octets),
                 *std::move(server_octets)};
  if (!auth::are_scram_keys(keys)) return std::nullopt;
  return keys;
}

namespace auth {

ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, unsigned iterations) {
  std::string salted = pbkdf2_sha256(password, salt, iterations);
  std::string client_key = hmac_sha256(salted, "Client Key");
  ScramKeys keys{std::string(salt), iterations, sha256(client_key), hmac_sha256(salted, "Server Key")};
  forget(salted);
  forget(client_key);
  return keys;
}

bool check_scram_proof(const ScramKeys& keys, std::string_view auth_message, std::string_view proof) {
  std::string client_key = hmac_sha256(keys.stored_key, auth_message);  // ClientSignature, so far
  if (proof.size() != client_key.size()) return false;
  for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] = static_cast<char>(client_key[i] ^ proof[i]);
  const bool is_right = base::equals_in_constant_time(sha256(client_key), keys.stored_key);
  forget(client_key);  // who knows it can log in
  return is_right;
}

std::string scram_server_signature(const ScramKeys& keys, std::string_view auth_message) {
  return hmac_sha256(keys.server_key, auth_message);
}

ScramKeys fake_scram_keys(std::string_view secret, std::string_view name, unsigned iterations) {
  return {hmac_sha256(secret, {"salt", name}).substr(0, kSaltSize), iterations, hmac_sha256(secret, {"stored", name}),
          hmac_sha256(secret, {"server", name})};
}

bool are_scram_keys(const ScramKeys& keys) noexcept {
  return !keys.salt.empty() && keys.iterations > 0 && keys.stored_key.size() == kSha256Size &&
         keys.server_key.size() == kSha256Size;
}

std::string prepare_password(std::string_view password) {
  return base::saslprep(password).value_or(std::string(password));
}

}  // namespace auth
}  // namespace postfach
