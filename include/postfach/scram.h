// What a server keeps of a password to check SCRAM-SHA-256 logins (RFC 5802, RFC 7677).
//
// The keys prove a password without being one: who steals them can't log in with them at this server or at another one,
// but can try passwords against them at the price of `iterations` HMACs each. They are less costly to attack than a
// yescrypt hash, so treat them as secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postfach/result.h"

namespace postfach {

struct ScramKeys {
  std::string salt;         // octets, at least 1
  unsigned iterations = 0;  // of PBKDF2 with HMAC-SHA-256
  std::string stored_key;   // 32 octets
  std::string server_key;   // 32 octets

  bool operator==(const ScramKeys&) const = default;
};

// RFC 7677 §4 wants 4,096 at least and names 15,000 for a tenth of a second on a machine of its day. A client pays them
// at each login that it does not shorten by remembering its keys, a server only when a password is set. More than 65,536
// is refused by clients that use Cyrus SASL.
inline constexpr unsigned kLeastScramIterations = 4096;
inline constexpr unsigned kDefaultScramIterations = 15'000;
inline constexpr unsigned kMostScramIterations = 65'536;

// Keys with a new random salt. The password is prepared with SASLprep (RFC 4013) as clients do it; one that SASLprep
// does not allow is taken as it is, which is what clients that let it pass do. Takes some 5 ms of CPU. Errors:
// invalid_argument (an empty password, iterations out of the range above).
Result<ScramKeys> make_scram_keys(std::string_view password, unsigned iterations = kDefaultScramIterations);

// As RFC 5803 has it and other servers keep it: "SCRAM-SHA-256$15000:c2FsdA==$storedkey:serverkey" in base64.
std::string format_scram_keys(const ScramKeys& keys);
// Nothing if the text is of another form, of another hash, or has keys of a wrong length. The range of iterations above
// is not asked for: keys may come from elsewhere.
std::optional<ScramKeys> parse_scram_keys(std::string_view text);

}  // namespace postfach
