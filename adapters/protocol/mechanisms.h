// The SASL mechanisms that a client may use on a connection.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "postfach/auth.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"

namespace postfach::protocol {

enum class Mechanism : std::uint8_t { plain, login, xoauth2, oauthbearer, scram_sha_256, scram_sha_256_plus };

// In the order of capability lists. A client is to take the best it knows, wherever it stands (RFC 4422 §4); those that
// try the first one they know, or mistake a long list, find what every client can do in front: under TLS, which comes
// first here, PLAIN does not give the password away. CRAM-MD5 and the like are missing on purpose (passwords are not
// kept in clear), and EXTERNAL because there are no client certificates.
inline constexpr std::array kMechanisms = {Mechanism::plain,         Mechanism::login,
                                           Mechanism::xoauth2,       Mechanism::oauthbearer,
                                           Mechanism::scram_sha_256, Mechanism::scram_sha_256_plus};

std::string_view name_of(Mechanism mechanism) noexcept;
// Whatever the case.
std::optional<Mechanism> find_mechanism(std::string_view name) noexcept;

class MechanismSet {
 public:
  bool contains(Mechanism mechanism) const noexcept { return (bits_ & bit(mechanism)) != 0; }
  void add(Mechanism mechanism) noexcept { bits_ |= bit(mechanism); }
  void remove(Mechanism mechanism) noexcept { bits_ &= ~bit(mechanism); }

 private:
  static unsigned bit(Mechanism mechanism) noexcept { return 1U << static_cast<unsigned>(mechanism); }
  unsigned bits_ = 0;
};

// What a session's options say about logins. Refers to them.
struct LoginRules {
  const Store& store;
  const Authenticator& authenticator;
  const ScramLookup& scram_lookup;
  const BearerTokens& tokens;
  ScramOffer scram = ScramOffer::when_all_have_keys;
  // Whether a disabled account looks like a wrong password.
  bool hides_disabled = true;
};

// What can work on this connection. May block for the disk. Whether it is private enough for a login at all is for the
// protocol to look at.
MechanismSet possible_mechanisms(const LoginRules& rules, const std::optional<TlsInfo>& tls);

}  // namespace postfach::protocol
